import { AGAIN } from '../../adapters/dispatch/batchStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { parseAddress } from '../../targets/address/address.ts';
import {
  BATCH_SIZE,
  type BatchPlace,
  batchLength,
  LANES,
  placeInLane,
  type TaskSlot,
} from '../../targets/order/batches.ts';
import { RetryLaterError, type Stage, type StageContext } from '../runner/stage.ts';
import { LIMITED_REST_MS, sendPart } from './sendPart.ts';

/**
 * Sends one part of a batch, as much as there is room for: writes the tracking keys, publishes, marks the part sent. In
 * that order, and with room for one batch in a process between publishing and marking, so that a crash anywhere sends as
 * many tasks twice at worst. Then the job waits for the turn of the next part, or starts the next batch of its lane.
 *
 * A job without a batch sends what was sent and has come back.
 */
export const publish: Stage = {
  name: 'publish',
  injected: true,
  description:
    'One batch of tasks goes to RabbitMQ, part by part as there is room in the window; the next one of the lane follows.',
  attempts: 3,
  backoffMs: 500,
  concurrency: LANES,
  async run({ index }, context) {
    const { facts } = context;
    if (facts.state === 'stopped') return { stopped: true };
    return index === undefined ? sendAgain(facts, context) : sendNext(facts, index, context);
  },
};

type Result = Record<string, unknown>;

async function sendNext(facts: SubmissionFacts, batch: number, context: StageContext): Promise<Result> {
  const { batches, limits, room, targets } = context;
  const { id, total = 0 } = facts;
  const lane = batch % LANES;
  const sent = (await batches.sentByLane(id, LANES))[lane] ?? 0;
  const begin = placeInLane({ batch, offset: 0 });
  const offset = Math.max(0, sent - begin);
  const length = batchLength(total, batch);
  if (offset >= length) return follow(facts, { batch, offset }, 0, context, { already_sent: true });

  const free = (await limits.room(facts.project)) ?? length;
  // At least one: whether it may be sent is decided when it is tracked.
  const tasks = await room.take(Math.max(1, Math.min(length - offset, free)));
  try {
    const slots = await targets.slots(facts, { batch, offset }, tasks);
    const [from, to] = [begin + offset, begin + offset + tasks];
    const part = { lane, batch, from, to, last: offset + tasks === length, ids: [] };
    const result = await sendPart(facts, slots, part, context);
    if (result === 'stopped') return { stopped: true };
    // Somebody else who had the job sent some of it meanwhile: the next look tells how much.
    if (result === 'sent') return await follow(facts, { batch, offset }, 0, context, {});
    return await follow(facts, { batch, offset: offset + tasks }, Number(result.tasks), context, result);
  } finally {
    room.giveBack(tasks);
  }
}

/** What comes after a part of so many tasks: the rest of the batch from here on, the next batch of the lane, or nothing. */
async function follow(
  facts: SubmissionFacts,
  { batch, offset }: BatchPlace,
  tasks: number,
  { turns, room, turn, inject, waitAgain }: StageContext,
  result: Result,
): Promise<Result> {
  const { id: submission, total = 0 } = facts;
  const [lane, sent] = [batch % LANES, { number: turn, tasks }];
  const rest = batchLength(total, batch) - offset;
  if (rest > 0) {
    waitAgain(await turns.next(facts, { lane, tasks: room.expected(rest), sent }));
    return result;
  }
  // Only now: within a lane a batch must be marked sent before the next one exists.
  const next = batch + LANES;
  const length = batchLength(total, next);
  if (length > 0) {
    const number = await turns.next(facts, { lane, tasks: room.expected(length), sent });
    await inject('publish', [{ submission, index: next }], [number]);
  } else await turns.last(facts, { lane, sent });
  return result;
}

async function sendAgain(facts: SubmissionFacts, context: StageContext): Promise<Result> {
  const { again, limits, submissions, room, turns, turn, waitAgain } = context;
  const { id, project } = facts;
  const [count, free = BATCH_SIZE] = await Promise.all([again.count(id), limits.room(project)]);
  const waiting = Math.min(BATCH_SIZE, count, Math.max(1, free));
  let result: Result = { tasks: 0 };
  if (waiting > 0) {
    const tasks = await room.take(waiting);
    try {
      const some = await again.some(id, tasks);
      const slots = some.flatMap(({ ip, part }): TaskSlot[] => {
        const address = parseAddress(ip);
        return address === undefined ? [] : [{ address, part }];
      });
      const ids = some.map((task) => task.id);
      const part = { lane: AGAIN, batch: AGAIN, from: 0, to: 0, last: true, ids };
      const sent = await sendPart(facts, slots, part, context);
      if (sent === 'stopped') return { stopped: true };
      if (sent !== 'sent') result = sent;
    } finally {
      room.giveBack(tasks);
    }
  }
  // All that it looked at waits for a place in its network.
  if (Number(result.limited ?? 0) > 0 && result.tasks === 0)
    throw new RetryLaterError('its networks have as many tasks as they may', LIMITED_REST_MS, 'job');
  const left = await again.count(id);
  const sent = { number: turn, tasks: Number(result.tasks) };
  if (left > 0) {
    waitAgain(await turns.next(facts, { lane: AGAIN, tasks: room.expected(left), sent }));
    return result;
  }
  await turns.last(facts, { lane: AGAIN, sent });
  // One that was done has no other job that would end it.
  if (facts.reopened) await submissions.finish(id, project);
  return result;
}
