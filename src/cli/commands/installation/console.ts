import type { Call } from '../../action.ts';
import { localTime } from '../../terminal/numbers.ts';

/** A link that logs a browser in, once, as whoever calls. */
export async function openConsole({ session }: Call): Promise<void> {
  const { client, out, settings } = session;
  const { code, expires_at } = (await client.call('makeSessionLink', {})).answer;
  const link = `${settings.url}/#login=${code}`;
  if (out.json) return out.value({ link, expires_at });
  await out.lines([link]);
  out.note(`it logs in once, as you, until ${localTime(expires_at)}`);
}
