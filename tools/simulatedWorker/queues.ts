import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import {
  CANCEL_EXCHANGE,
  CONTROL_EXCHANGE,
  SCAN_QUEUE,
  WORKER_EXCHANGE,
} from '../../src/adapters/celery/names.ts';
import { declareTopology } from '../../src/adapters/rabbitmq/topology.ts';
import { readCancel, readControl, readScanTask, taskHeaders } from './messages.ts';
import type { Outcome, Scans } from './scans.ts';

export interface WorkerOptions {
  host: string;
  scans: Scans;
  /** Writes the worker's address to Redis. */
  updateIp: () => Promise<void>;
  onTask: (ip: string, id: string, outcome: Outcome) => void;
  /** Told when something went wrong that a new connection mends. */
  drop: (reason: string) => void;
}

/** Consumes the four kinds of messages that a worker gets, until the connection ends. */
export async function consumeAsWorker(model: ChannelModel, options: WorkerOptions): Promise<void> {
  await declareTopology(model);
  const open = async (): Promise<Channel> => {
    const channel = await model.createChannel();
    channel.on('error', () => {}); // 'close' follows
    channel.on('close', () => options.drop('a channel was closed'));
    return channel;
  };
  const broadcasts = await open();
  await listen(broadcasts, CANCEL_EXCHANGE, ({ content }) => options.scans.cancel(readCancel(content)));
  await listen(broadcasts, WORKER_EXCHANGE, () => {
    options.updateIp().catch((error) => options.drop(String(error)));
  });
  await listen(broadcasts, CONTROL_EXCHANGE, ({ content }) => control(broadcasts, content, options));
  await consumeScans(await open(), options);
}

async function listen(channel: Channel, exchange: string, onMessage: (message: ConsumeMessage) => void) {
  const queue = `bcast.${randomUUID()}`;
  await channel.assertQueue(queue, { durable: false, autoDelete: true, exclusive: true });
  await channel.bindQueue(queue, exchange, '');
  await channel.consume(queue, (message) => message && onMessage(message), { noAck: true });
}

function control(channel: Channel, content: Buffer, { host, scans }: WorkerOptions): void {
  const message = readControl(content);
  if (message.method === 'revoke') scans.revoke(message.ids);
  if (message.method !== 'ping' && message.method !== 'query_task') return;
  const held = message.method === 'query_task' && scans.heldOf(message.ids);
  for (const node of [SCAN_QUEUE, CANCEL_EXCHANGE, WORKER_EXCHANGE]) {
    const own = node === SCAN_QUEUE && held ? Object.fromEntries(held.map((id) => [id, ['active', {}]])) : {};
    const answer = held ? own : { ok: 'pong' };
    const content = Buffer.from(JSON.stringify({ [`${node}@${host}`]: answer }));
    const headers = { ticket: message.ticket, clock: { '!': 'int', value: 1 } };
    channel.publish(message.exchange, message.routingKey, content, {
      contentType: 'application/json',
      headers,
    });
  }
}

/** One at a time, acknowledged when it is over. */
async function consumeScans(channel: Channel, { scans, onTask, drop }: WorkerOptions): Promise<void> {
  await channel.prefetch(1);
  const handle = async (message: ConsumeMessage): Promise<void> => {
    const { id } = taskHeaders(message.properties.headers);
    const task = readScanTask(message.content);
    const outcome = task && (await scans.run(id, task));
    if (outcome === 'interrupted') return; // goes back to the queue with the connection
    channel.ack(message);
    if (task && outcome) onTask(task.ip, id, outcome);
  };
  await channel.consume(SCAN_QUEUE, (message) => {
    if (message) handle(message).catch((error) => drop(String(error)));
  });
}
