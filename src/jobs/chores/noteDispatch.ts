import { HISTORY_EVERY_MS } from '../../adapters/dispatch/historyStore.ts';
import { depthOrNull } from '../../adapters/rabbitmq/broker.ts';
import { GONE_AFTER_PINGS } from '../../adapters/workers/presence.ts';
import type { Chore } from './chores.ts';

/** For the curves: of the last hour, and of each scan. */
export const noteDispatch: Chore = {
  name: 'note_dispatch',
  description: 'Every 10 s it is noted how full the window is, how many tasks run, and how far each scan is.',
  everyMs: HISTORY_EVERY_MS,
  async run({ dispatchHistory, windowStore, presence, broker, submissions, following, scanHistory }) {
    await scanHistory.note(Object.keys({ ...(await submissions.open()), ...(await following.unfinished()) }));
    const there = (await presence.workers()).filter(({ unanswered }) => unanswered < GONE_AFTER_PINGS);
    const [window, ready, { published }] = await Promise.all([
      windowStore.read(),
      depthOrNull(broker),
      windowStore.counts(),
    ]);
    const running = there.reduce((sum, { tasks }) => sum + tasks.size, 0);
    await dispatchHistory.add({ atMs: Date.now(), window: window?.limit ?? null, ready, running, published });
  },
};
