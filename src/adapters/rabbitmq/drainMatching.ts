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
/** Opened and filled at once. Putting back restores the order, whichever channel holds a message. */
const CHANNELS_AT_ONCE = 16;
const COUNT_AGAIN_MS = 2;
const CALL_MS = 5_000;
/** For the lock, and again for the messages. */
const IN_ALL_MS = 30_000;
/** Before the workers, which are equals among themselves. */
const CONSUMER_PRIORITY = 10;
const LOCK_QUEUE = 'tasker.take_out';
const LOCK_RETRY_MS = 50;

interface Holder {
  channel: Channel;
  held: number;
  /** Without their contents, which may be as long as the whole queue. */
  matching: { id: string; deliveryTag: number }[];
}

/**
 * Takes the matching ready messages out of the scan queue and gives how many they were. The others are only looked at:
 * closing the channels puts them back in their order (marked redelivered). What is published meanwhile may be missed.
 * When it fails nothing was taken, unless the connection went in the very last step.
 * @param signal once it is aborted nothing more is taken
 * @throws ServiceUnavailableError
 */
export async function drainMatching(
  model: ChannelModel,
  matches: Matches,
  { signal, ...options }: TakeOutOptions & { signal: AbortSignal },
): Promise<number> {
  try {
    const alone = await lock(model);
    try {
      return await takeOutAlone(model, alone, matches, { ...options, signal });
    } finally {
      await within(CALL_MS, 'release the lock', alone.close());
    }
  } catch (error) {
    if (error instanceof ServiceUnavailableError) throw error;
    const message = `RabbitMQ went away while messages were taken out: ${messageOf(error)}`;
    throw new ServiceUnavailableError('rabbitmq', message, { cause: error });
  }
}

/**
 * Two at once would hide messages from each other, in this process or in another one. The exclusive consumer of a
 * queue is a lock that goes with its channel, which is given.
 */
async function lock(model: ChannelModel): Promise<Channel> {
  const deadline = Date.now() + IN_ALL_MS;
  for (;;) {
    const channel = await within(CALL_MS, 'open a channel', openChannel(model));
    try {
      await within(CALL_MS, 'take the lock', consumeAlone(channel));
      return channel;
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
  alone: Channel,
  matches: Matches,
  { first = Number.POSITIVE_INFINITY, before, signal }: TakeOutOptions & { signal: AbortSignal },
): Promise<number> {
  const holders: Holder[] = [];
  try {
    const toSee = Math.min(first, await countReady(alone));
    await hold(model, alone, matches, toSee, holders);
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
  return holders.reduce((sum, { matching }) => sum + matching.length, 0);
}

/** At once where all that was seen matches: each single one costs RabbitMQ a look at those before it. */
function takeOut({ channel, held, matching }: Holder): void {
  const all = matching.length === held;
  for (const { deliveryTag } of all ? matching.slice(-1) : matching)
    channel.ack({ fields: { deliveryTag } } as ConsumeMessage, all);
}

/** Fills channels, some at once, until the first messages of what was ready at the start are held by one of them. */
async function hold(
  model: ChannelModel,
  alone: Channel,
  matches: Matches,
  toSee: number,
  holders: Holder[],
): Promise<void> {
  const deadline = Date.now() + IN_ALL_MS;
  for (let left = toSee; left > 0; ) {
    const channels = Math.min(CHANNELS_AT_ONCE, Math.ceil(left / HELD_PER_CHANNEL));
    const open = Array.from({ length: channels }, async () => {
      const channel = await within(CALL_MS, 'open a channel', openChannel(model));
      const holder: Holder = { channel, held: 0, matching: [] };
      holders.push(holder);
      await within(CALL_MS, 'hand messages out', consume(holder, matches));
      return holder;
    });
    // Not before the last one: what is opened has to be closed.
    await Promise.allSettled(open);
    const some = await Promise.all(open);
    const capacity = channels * HELD_PER_CHANNEL;
    await fill(some, alone, Math.min(left, capacity), deadline);
    const held = heldBy(some);
    if (held < capacity) return;
    left -= held;
  }
}

function heldBy(holders: readonly Holder[]): number {
  return holders.reduce((sum, { held }) => sum + held, 0);
}

async function consume(holder: Holder, matches: Matches): Promise<void> {
  const see = (message: ConsumeMessage | null) => {
    if (!message) return;
    holder.held += 1;
    const id = matches(message.content, message.properties.headers);
    if (id !== undefined) holder.matching.push({ id, deliveryTag: message.fields.deliveryTag });
  };
  await holder.channel.prefetch(HELD_PER_CHANNEL);
  await holder.channel.consume(SCAN_QUEUE, see, { priority: CONSUMER_PRIORITY });
}

/** Waits until these hold `wanted` messages, or the queue has no more: workers may have been faster. */
async function fill(
  holders: readonly Holder[],
  alone: Channel,
  wanted: number,
  deadline: number,
): Promise<void> {
  while (heldBy(holders) < wanted) {
    if ((await countReady(alone)) === 0) {
      // The count can overtake deliveries that RabbitMQ's side of a channel has in hand; the answer to a call on that
      // channel comes after them.
      await Promise.all(holders.map(({ channel }) => countReady(channel)));
      return;
    }
    if (Date.now() > deadline)
      throw new ServiceUnavailableError('rabbitmq', 'RabbitMQ hands its messages out too slowly');
    await sleep(COUNT_AGAIN_MS);
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
