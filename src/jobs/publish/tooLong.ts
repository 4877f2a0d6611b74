/** Tasks that RabbitMQ does not take because their message is too long: each is the end of its own task only. */
import type { DroppedTargets } from '../../adapters/dispatch/batchStore.ts';
import type { TooLongError } from '../../adapters/rabbitmq/notTaken.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { StageContext } from '../runner/stage.ts';
import type { Target } from './moveTerms.ts';
import { grouped } from './recheckTargets.ts';

/** Addresses that the log names. */
const TOLD = 5;

export type SendableTask = Target & { id: string; ports: string; from?: string };

/** Lets go of those of the tasks that were too long, and gives what is to be noted of them. */
export async function leaveOut(
  { project, user }: SubmissionFacts,
  tasks: readonly SendableTask[],
  { ids, message }: TooLongError,
  { batches, log }: StageContext,
): Promise<DroppedTargets[]> {
  const left = tasks.filter(({ id }) => ids.includes(id));
  await batches.release({ project, user: user.id, tasks: left });
  const targets = left.slice(0, TOLD).map(({ ip }) => ip);
  log.warn({ reason: message, tasks: left.length, targets }, 'left out: longer than RabbitMQ takes');
  const detail = { rule: 'message' as const, source: 'RabbitMQ', entry: limitIn(message) };
  // What moved was counted with the planned address that it left.
  const planned = left.filter(({ from }) => from === undefined);
  return grouped(planned.map((target) => ({ target, reason: 'other', detail })));
}

function limitIn(told: string): string {
  const [, bytes] = /max size (\d+)/.exec(told) ?? [];
  return `its task is longer than ${bytes === undefined ? 'RabbitMQ takes' : `the ${bytes} bytes that RabbitMQ takes`} (max_message_size)`;
}
