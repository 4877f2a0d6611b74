import { randomUUID } from 'node:crypto';
import { ownInstallation, startTasker } from '../../test/support/tasker.ts';
import { dispatchOnce, purge } from './dispatch.ts';
import { type Figure, median } from './figures.ts';

const PAIRS = 7;
const SCRAPE_EVERY_MS = 1_000;

interface Side {
  /** Gives seconds. */
  dispatch(): Promise<number>;
  close(): Promise<void>;
}

/** A /16 without a window, with METRICS on and scraped every second, beside the same with METRICS off; in turns. */
export async function metrics(): Promise<Figure[]> {
  const [counting, silent] = [await side('token'), await side('off')];
  try {
    for (const each of [counting, silent]) await each.dispatch();
    const ratios: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      // Who goes second finds the servers a little fuller: both take turns at that.
      const order = pair % 2 === 0 ? [counting, silent] : [silent, counting];
      const seconds = new Map<Side, number>();
      for (const each of order) seconds.set(each, await each.dispatch());
      ratios.push((seconds.get(counting) ?? Number.NaN) / (seconds.get(silent) ?? Number.NaN));
    }
    const detail = `seconds with/without, ${PAIRS} pairs: ${ratios.map((ratio) => ratio.toFixed(3)).join(', ')}`;
    return [
      {
        what: 'dispatching a /16 with metrics, beside without',
        detail,
        value: median(ratios),
        limit: { atMost: 1.01 },
        unit: 'times as long',
      },
    ];
  } finally {
    await counting.close();
    await silent.close();
  }
}

async function side(setting: 'token' | 'off'): Promise<Side> {
  const installation = await ownInstallation();
  const token = randomUUID();
  const env = { METRICS: setting, METRICS_TOKEN: token, DISPATCH_WINDOW: '0' };
  const tasker = await startTasker({ ...installation.env, ...env });
  const headers = { authorization: `Bearer ${token}` };
  const scrape = async () => void (await (await fetch(`${tasker.url}/metrics`, { headers })).text());
  return {
    async dispatch() {
      const timer = setting === 'off' ? undefined : setInterval(() => void scrape(), SCRAPE_EVERY_MS);
      const seconds = await dispatchOnce(tasker, installation);
      clearInterval(timer);
      await purge(installation.vhost);
      return seconds;
    },
    async close() {
      await tasker.stop();
      await installation.drop();
    },
  };
}
