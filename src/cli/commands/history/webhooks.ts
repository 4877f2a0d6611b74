import type { Schema } from '../../../client/client.ts';
import type { Call } from '../../action.ts';
import { EXIT, Exit, usage } from '../../exitCodes.ts';
import { given } from '../../given.ts';
import { localTime } from '../../terminal/numbers.ts';
import { table } from '../../terminal/table.ts';

type Webhook = Schema<'Webhook'>;
type Wanted = Schema<'NewWebhook'>;

interface SetOptions {
  event?: Webhook['events'];
  format?: Webhook['format'];
}

/** Who is told of events. */
export async function listWebhooks({ session }: Call): Promise<void> {
  const { client, out } = session;
  const known = (await client.call('listWebhooks', { path: session.project() })).answer.webhooks;
  const webhooks = known.sort((a, b) => a.url.localeCompare(b.url));
  if (out.json) {
    for (const webhook of webhooks) await out.value(webhook);
    return;
  }
  const rows = webhooks.map((webhook) => [
    ...[webhook.url, webhook.format, webhook.by, stateOf(webhook), webhook.events.join(' ')],
  ]);
  const none = 'nobody is told: tasker webhooks set URL';
  await out.lines(rows.length === 0 ? [none] : table(['url', 'format', 'by', 'state', 'events'], rows));
}

/** Adds one, or changes it; the others stay. */
export async function setWebhook({
  session,
  options,
  args: [url],
}: Call<SetOptions, [string]>): Promise<void> {
  const { client, out } = session;
  const path = session.project();
  const known = (await client.call('listWebhooks', { path })).answer.webhooks;
  const { event: events, format } = options;
  const isThis = (one: Webhook) => one.url === url || one.url === hrefOf(url);
  const before = known.filter(isThis).map(wantedOf);
  const wanted = { ...before[0], ...given({ events, format }), url };
  const webhooks = [...known.filter((one) => !isThis(one)).map(wantedOf), wanted];
  const { answer } = await client.call('setWebhooks', { path, body: { webhooks } });
  const written = answer.webhooks.find((one) => one.url === url || one.url === hrefOf(url));
  if (out.json) return out.value(written);
  const secret = written?.secret;
  return out.lines([
    `${written?.url} is told of ${written?.events.join(', ')}`,
    ...(secret === undefined ? [] : [`calls are signed with this, which is shown only now: ${secret}`]),
  ]);
}

export async function endWebhooks({
  session,
  options: { all },
  args: [urls],
}: Call<{ all?: true }, [string[]]>): Promise<void> {
  const { client, out } = session;
  if ((urls.length === 0) !== (all ?? false)) throw usage('name URLs as they are listed, or say --all');
  const path = session.project();
  const known = (await client.call('listWebhooks', { path })).answer.webhooks;
  const unknown = urls.filter((url) => !known.some((one) => one.url === url));
  if (unknown.length > 0)
    throw new Exit(EXIT.refused, `not there: ${unknown.join(', ')}; tasker webhooks list shows what is`);
  const left = all ? [] : known.filter(({ url }) => !urls.includes(url)).map(wantedOf);
  if (left.length === 0) await client.call('deleteWebhooks', { path });
  else await client.call('setWebhooks', { path, body: { webhooks: left } });
  const removed = known.length - left.length;
  return out.json ? out.value({ removed }) : out.lines([`ended ${removed}`]);
}

/** Without a secret: the API keeps the one that a URL has. */
function wantedOf({ url, events, format }: Webhook): Wanted {
  return { url, events, format };
}

/** As the API writes it. */
function hrefOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

function stateOf({ disabled, last_success, last_failure, dropped }: Webhook): string {
  const lost = dropped > 0 ? `, ${dropped} never delivered` : '';
  if (disabled !== null) return `disabled: ${disabled}${lost}`;
  if (last_failure !== null && !(last_success && last_success.at > last_failure.at))
    return `failed ${localTime(last_failure.at)}: ${last_failure.reason}${lost}`;
  return last_success === null ? 'not called yet' : `answered ${localTime(last_success.at)}${lost}`;
}
