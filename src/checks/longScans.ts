import type { Started } from '../adapters/workers/startStore.ts';
import { type Finding, ok } from './finding.ts';
import { CONSUMER_TIMEOUT_TODO } from './rabbitmq.ts';

/** After so long RabbitMQ takes a task from its worker, unless it is told otherwise. */
const DEFAULT_TIMEOUT_S = 1_800;
/** It looks once a minute, and the next worker begins within another one. */
const LATER_S = 120;

/**
 * Whether what workers did looks as if RabbitMQ's consumer_timeout was its default, which it tells nobody.
 * @param started what is out and was begun, by task
 */
export function longScansFinding(
  started: ReadonlyMap<string, Pick<Started, 'starts'>>,
  nowS: number,
): Finding {
  const what = 'long scans';
  let long = 0;
  for (const [task, { starts }] of started) {
    const inOrder = starts.toSorted((a, b) => a.at - b.at);
    for (const [index, first] of inOrder.entries()) {
      const next = inOrder[index + 1];
      const afterS = (next?.at ?? 0) - first.at;
      if (next && afterS >= DEFAULT_TIMEOUT_S && afterS <= DEFAULT_TIMEOUT_S + LATER_S) {
        const found = `task ${task} was begun by ${first.worker}, and 30 minutes later by ${next.worker}: RabbitMQ gave it out a second time`;
        return { what, state: 'warning', found, todo: CONSUMER_TIMEOUT_TODO };
      }
      if (!next && nowS - first.at > DEFAULT_TIMEOUT_S) long += 1;
    }
  }
  return ok(what, `tasks that run for more than 30 minutes: ${long}; none was given out again then`);
}
