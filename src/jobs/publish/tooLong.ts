/** Tasks that RabbitMQ does not take because their message is too long: each is the end of its own task only. */
import type { DroppedTargets } from '../../adapters/dispatch/batchStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { fromRanges, singleAddress } from '../../targets/sets/addressSet.ts';
import { encode } from '../../targets/sets/addressSetCodec.ts';
import type { StageContext } from '../runner/stage.ts';
import type { Target } from './checkedTargets.ts';

/** Addresses that the log names. */
const TOLD = 5;

export type SendableTask = Target & { id: string; ports: string; from?: string };

/** Lets go of the tasks with these ids, and gives what is to be noted of them. `told` is what RabbitMQ said. */
export type LeaveOut = (ids: readonly string[], told: string) => Promise<DroppedTargets[]>;

export function leaveOutOf(
  { project, user }: SubmissionFacts,
  tasks: readonly SendableTask[],
  { batches, log }: StageContext,
): LeaveOut {
  return async (ids, told) => {
    const named = new Set(ids);
    const left = tasks.filter(({ id }) => named.has(id));
    await batches.release({ project, user: user.id, tasks: left });
    const targets = left.slice(0, TOLD).map(({ ip }) => ip);
    log.warn({ reason: told, tasks: left.length, targets }, 'left out: longer than RabbitMQ takes');
    // What moved was counted with the planned address that it left.
    const planned = left.filter(({ from }) => from === undefined);
    if (planned.length === 0) return [];
    const set = encode(fromRanges(planned.map(({ address }) => singleAddress(address))));
    const detail = { rule: 'message' as const, source: 'RabbitMQ', entry: limitIn(told) };
    return [{ reason: 'other', detail, set, count: planned.length }];
  };
}

function limitIn(told: string): string {
  const [, bytes] = /max size (\d+)/.exec(told) ?? [];
  return `its task is longer than ${bytes === undefined ? 'RabbitMQ takes' : `the ${bytes} bytes that RabbitMQ takes`} (max_message_size)`;
}
