/** What a member's webhooks can do to others, to this process and to Redis. */
import { MOST_RETRIED } from '../../../src/jobs/webhooks/room.ts';
import { eventually } from '../../../test/support/services.ts';
import { endlessly, webhookReceiver } from '../../../test/support/webhookReceiver.ts';
import type { Client } from '../client.ts';
import { claim, outcomeOf, pause, type Row } from '../row.ts';

const EVENTS = 300;
/** Of somebody else: event by event, from the request to the call. */
const ORDINARY = 8;
/** `call_webhooks` looks once a second. */
const MOST_WAIT_MS = 3_000;
const SLOW_MS = 8_000;
const WEBHOOKS = 10;

type Receiver = Awaited<ReturnType<typeof webhookReceiver>>;

export const badTargets: Row = {
  number: 21,
  tried: `ten webhooks to targets that are silent, slow, dead, endless, refuse or lead elsewhere, and ${EVENTS} events`,
  mostSeconds: 60,
  async attack({ attacker, owner, redis }, begin) {
    const others = await webhookReceiver();
    const targets = await openTargets(others);
    try {
      await listen(owner, [others.url]);
      const idleMs = await longestWait(owner, others);
      await begin();
      await listen(attacker, targets.urls);
      for (let nth = 0; nth < EVENTS; nth++) await change(attacker, nth);
      const busyMs = await longestWait(owner, others);
      const open = await redis
        .pipeline([
          ['llen', 'tasker:queue:webhooks:wait'],
          ['llen', 'tasker:queue:webhooks:active'],
          ['zcard', 'tasker:queue:webhooks:delayed'],
        ])
        .exec();
      const jobs = (open ?? []).reduce((sum, [, count]) => sum + Number(count), 0);
      const most = WEBHOOKS * (MOST_RETRIED + 1);
      const good = targets.good.calls.length;
      const unanswered = targets.silent.calls.filter(({ closed }) => !closed).map(({ path }) => path);
      const atOnce = unanswered.length / Math.max(1, new Set(unanswered).size);
      return outcomeOf(
        claim(
          `somebody else's events arrive within ${busyMs} ms (${idleMs} ms before)`,
          busyMs <= Math.max(MOST_WAIT_MS, 3 * idleMs),
        ),
        claim(`the attacker's own good target got ${good} of ${EVENTS}`, good === EVENTS),
        claim(`${jobs} jobs wait, at most ${most}`, jobs <= most),
        claim(`a webhook has ${atOnce} calls at once`, atOnce <= 1),
        claim('nobody follows a redirect', others.types().length === 2 * ORDINARY),
      );
    } finally {
      await Promise.all([attacker, owner].map((one) => listen(one, [])));
      await Promise.all([attacker, owner].map((one) => one.inProject('resume', { method: 'POST' })));
      await Promise.all([others.close(), targets.close()]);
    }
  },
};

async function listen(who: Client, urls: readonly string[]): Promise<void> {
  const webhooks = urls.map((url) => ({ url }));
  const { status, text } = await who.inProject('webhooks', { method: 'PUT', body: { webhooks } });
  if (status !== 200) throw new Error(`webhooks gave ${status}: ${text}`);
}

/** One event. */
async function change(who: Client, nth: number): Promise<void> {
  const { status } = await who.inProject(nth % 2 === 0 ? 'pause' : 'resume', { method: 'POST', body: {} });
  if (status !== 200) throw new Error(`a pause or resume gave ${status}`);
}

async function longestWait(who: Client, { calls }: Receiver): Promise<number> {
  let longest = 0;
  for (let nth = 0; nth < ORDINARY; nth++) {
    const [before, began] = [calls.length, performance.now()];
    await change(who, nth);
    await eventually('the event arrives', () => calls.length > before);
    longest = Math.max(longest, performance.now() - began);
  }
  return Math.round(longest);
}

async function openTargets(others: Receiver) {
  const good = await webhookReceiver();
  const silent = await webhookReceiver(() => {});
  const slow = await webhookReceiver((res) => void pause(SLOW_MS).then(() => res.end()));
  const refusing = await webhookReceiver((res) => void res.writeHead(500).end());
  const leading = await webhookReceiver((res) => void res.writeHead(308, { location: others.url }).end());
  const endless = await webhookReceiver(endlessly);
  const dead = await webhookReceiver();
  await dead.close();
  const twice = [silent, refusing, endless].map(({ url }) => `${url}/2`);
  const open = [good, silent, slow, refusing, leading, endless];
  return {
    ...{ good, silent },
    urls: [...open.map(({ url }) => url), dead.url, ...twice],
    close: async () => {
      await Promise.all(open.map((one) => one.close()));
    },
  };
}
