import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import { SCAN_QUEUE } from '../celery/names.ts';
import { within } from './connection.ts';
import { isReply, openChannel } from './topology.ts';

/** Gives the id of a ready message that is to be taken out; undefined: it stays. Must not throw. */
export type Matches = (content: Buffer, headers: unknown) => string | undefined;

export interface TakeOutOptions {
  /** How many messages to look at, from the head of the queue. @default all */
  first?: number | undefined;
  /** Called with the ids of those that match, before they are taken out; gives those that really are. @default all */
  before?: ((ids: readonly string[]) => Promise<ReadonlySet<string>>) | undefined;
}

/**
 * Messages that one channel holds. RabbitMQ walks through a channel's unacknowledged messages for each acknowledgement
 * out of order: with 30,000 on one channel that takes half a minute.
 */
const HELD_PER_CHANNEL = 500;
/** Acknowledged together, where nobody is asked before and all that a channel has seen matches. */
const ACKNOWLEDGED_AT_ONCE = 250;
const CALL_MS = 5_000;
/** For the lock, and again for the messages. */
const IN_ALL_MS = 30_000;
/** Before the workers, which are equals among themselves. */
const CONSUMER_PRIORITY = 10;
const LOCK_QUEUE = 'tasker.take_out';
const LOCK_RETRY_MS = 50;

interface Holder {
  channel: Channel;
  seen: number;
  /** Of those that it has seen, the ones that are out of the queue for good. */
  taken: number;
  /** The others that match, without their contents, which may be as long as the whole queue. */
  matching: (Pick<ConsumeMessage, 'fields'> & { id: string })[];
}

const heldBy = ({ seen, taken }: Holder) => seen - taken;

/**
 * Takes the matching ready messages out of the scan queue and gives how many they were. The others are only looked at:
 * closing the channels puts them back in their order (marked redelivered). What is published meanwhile may be missed.
 * When it fails some may have been taken; with `before` none, unless the connection went in the very last step.
 * @param signal once it is aborted nothing more is taken
 * @throws ServiceUnavailableError
 */
export async function drainMatching(
  model: ChannelModel,
  matches: Matches,
  { signal, ...options }: TakeOutOptions & { signal: AbortSignal },
): Promise<number> {
  try {
    const release = await lock(model);
    try {
      return await takeOutAlone(model, matches, { ...options, signal });
    } finally {
      await release();
    }
  } catch (error) {
    if (error instanceof ServiceUnavailableError) throw error;
    const message = `RabbitMQ went away while messages were taken out: ${messageOf(error)}`;
    throw new ServiceUnavailableError('rabbitmq', message, { cause: error });
  }
}

/**
 * Two at once would hide messages from each other, in this process or in another one. The exclusive consumer of a
 * queue is a lock that goes with its connection.
 */
async function lock(model: ChannelModel): Promise<() => Promise<void>> {
  const deadline = Date.now() + IN_ALL_MS;
  for (;;) {
    const channel = await within(CALL_MS, 'open a channel', openChannel(model));
    try {
      await within(CALL_MS, 'take the lock', consumeAlone(channel));
      return () => within(CALL_MS, 'release the lock', channel.close());
    } catch (error) {
      // 403: somebody has it; 404: it went between the two calls.
      const taken = isReply(error, 403) || isReply(error, 404);
      if (!taken || Date.now() > deadline) throw error;
      await sleep(LOCK_RETRY_MS);
    }
  }
}

async function takeOutAlone(
  model: ChannelModel,
  matches: Matches,
  { first = Number.POSITIVE_INFINITY, before, signal }: TakeOutOptions & { signal: AbortSignal },
): Promise<number> {
  const holders: Holder[] = [];
  try {
    await hold(model, matches, { first, atOnce: () => before === undefined && !signal.aborted }, holders);
    if (before) {
      const taken = await before(holders.flatMap(({ matching }) => matching.map(({ id }) => id)));
      for (const holder of holders) holder.matching = holder.matching.filter(({ id }) => taken.has(id));
    }
    signal.throwIfAborted();
    for (const holder of holders) takeOut(holder);
  } finally {
    const closed = Promise.all(holders.map(({ channel }) => channel.close()));
    await within(IN_ALL_MS, 'put the other messages back', closed);
  }
  return holders.reduce((sum, { taken, matching }) => sum + taken + matching.length, 0);
}

/** At once where all that was seen matches: each single one costs RabbitMQ a look at those before it. */
function takeOut(holder: Holder): void {
  const { channel, matching } = holder;
  const all = matching.length === heldBy(holder);
  for (const { fields } of all ? matching.slice(-1) : matching)
    channel.ack({ fields } as ConsumeMessage, all);
}

/** Fills channel after channel, until the first messages of what was ready at the start are held by one of them. */
async function hold(
  model: ChannelModel,
  matches: Matches,
  { first, atOnce }: { first: number; atOnce: () => boolean },
  holders: Holder[],
): Promise<void> {
  const deadline = Date.now() + IN_ALL_MS;
  let toSee = Number.POSITIVE_INFINITY;
  for (let full = true; full && toSee > 0; ) {
    const holder: Holder = {
      channel: await within(CALL_MS, 'open a channel', openChannel(model)),
      ...{ seen: 0, taken: 0, matching: [] },
    };
    holders.push(holder);
    if (toSee === Number.POSITIVE_INFINITY) toSee = Math.min(first, await countReady(holder.channel));
    await within(CALL_MS, 'hand messages out', consume(holder, matches, atOnce));
    await fill(holder, toSee, deadline);
    toSee -= holder.seen;
    full = heldBy(holder) >= HELD_PER_CHANNEL;
  }
}

async function consume(holder: Holder, matches: Matches, atOnce: () => boolean): Promise<void> {
  const see = (message: ConsumeMessage | null) => {
    if (!message) return;
    holder.seen += 1;
    const id = matches(message.content, message.properties.headers);
    if (id !== undefined) holder.matching.push({ id, fields: message.fields });
    const { matching } = holder;
    if (matching.length < ACKNOWLEDGED_AT_ONCE || matching.length < heldBy(holder) || !atOnce()) return;
    takeOut(holder);
    holder.taken += matching.length;
    holder.matching = [];
  };
  await holder.channel.prefetch(HELD_PER_CHANNEL);
  await holder.channel.consume(SCAN_QUEUE, see, { priority: CONSUMER_PRIORITY });
}

/** Waits until `holder` has seen `wanted` messages or is full, or the queue has no more: workers may have been faster. */
async function fill(holder: Holder, wanted: number, deadline: number): Promise<void> {
  while (holder.seen < wanted && heldBy(holder) < HELD_PER_CHANNEL) {
    if ((await countReady(holder.channel)) === 0) {
      // The count can overtake deliveries that RabbitMQ's side of the channel has in hand; the answer to the next
      // call comes after them.
      await countReady(holder.channel);
      return;
    }
    if (Date.now() > deadline)
      throw new ServiceUnavailableError('rabbitmq', 'RabbitMQ hands its messages out too slowly');
  }
}

async function countReady(channel: Channel): Promise<number> {
  const { messageCount } = await within(CALL_MS, 'count messages', channel.checkQueue(SCAN_QUEUE));
  return messageCount;
}

async function consumeAlone(channel: Channel): Promise<void> {
  await channel.assertQueue(LOCK_QUEUE, { durable: false, autoDelete: true });
  await channel.consume(LOCK_QUEUE, () => {}, { exclusive: true });
}
