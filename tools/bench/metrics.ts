import { randomUUID } from 'node:crypto';
import { childrenOf, cpuSecondsOf } from '../../test/support/processes.ts';
import { ownInstallation, startTasker } from '../../test/support/tasker.ts';
import { dispatchOnce, purge } from './dispatch.ts';
import { type Figure, median } from './figures.ts';

const PAIRS = 5;
/** Prometheus asks three times less often, or less. */
const SCRAPE_EVERY_MS = 5_000;

interface Cost {
  seconds: number;
  /** Of Tasker's processes. Others on the machine change how long a dispatch takes by far more than metrics do. */
  cpuSeconds: number;
}

interface Side {
  dispatch(): Promise<Cost>;
  close(): Promise<void>;
}

/** A /16 without a window, with METRICS on and asked for, beside the same with METRICS off; in turns. */
export async function metrics(): Promise<Figure[]> {
  const [counting, silent] = [await side('token'), await side('off')];
  try {
    for (const each of [counting, silent]) await each.dispatch();
    const pairs: { on: Cost; off: Cost }[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      // Who goes second finds the servers a little fuller: both take turns at that.
      if (pair % 2 === 0) pairs.push({ on: await counting.dispatch(), off: await silent.dispatch() });
      else {
        const off = await silent.dispatch();
        pairs.push({ on: await counting.dispatch(), off });
      }
    }
    const ratios = (of: keyof Cost) => pairs.map(({ on, off }) => on[of] / off[of]);
    const shown = (of: keyof Cost) =>
      ratios(of)
        .map((ratio) => ratio.toFixed(3))
        .join(', ');
    return [
      {
        what: 'CPU time of dispatching a /16 with metrics, beside without',
        detail: `${PAIRS} pairs: ${shown('cpuSeconds')}; by the clock: ${shown('seconds')}`,
        value: median(ratios('cpuSeconds')),
        limit: { atMost: 1.01 },
        unit: 'times as much',
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
  const pid = tasker.process.pid ?? 0;
  const cpu = () => [pid, ...childrenOf(pid)].reduce((sum, each) => sum + cpuSecondsOf(each), 0);
  return {
    async dispatch() {
      const timer = setting === 'off' ? undefined : setInterval(() => void scrape(), SCRAPE_EVERY_MS);
      const before = cpu();
      const seconds = await dispatchOnce(tasker, installation);
      const cpuSeconds = cpu() - before;
      clearInterval(timer);
      await purge(installation.vhost);
      return { seconds, cpuSeconds };
    },
    async close() {
      await tasker.stop();
      await installation.drop();
    },
  };
}
