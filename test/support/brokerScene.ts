import { randomUUID } from 'node:crypto';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import type { OutgoingMessage } from '../../src/adapters/celery/messages.ts';
import type { Broker } from '../../src/adapters/rabbitmq/broker.ts';
import { connectedBroker, rabbitmqConfig } from './broker.ts';
import { scanTask } from './scanTask.ts';
import { eventually, ownVhost, rabbitmqApi } from './services.ts';

/** A scan task for an address made of `number`. */
export function task(number: number, project: string): OutgoingMessage {
  return scanTask(randomUUID(), {
    ip: `8.8.${number >> 8}.${number & 255}`,
    hostnames: [],
    project,
    open_ports_opts: '-n -Pn -p 80',
    service_opts: '-n -sV -Pn',
    timeout: 300,
    include_services: true,
    mode: 'insert',
    user: { id: randomUUID(), username: 'ann' },
    open_ports_str: '80',
    track_history: true,
  });
}

export function tasks(count: number, project = randomUUID()): OutgoingMessage[] {
  return Array.from({ length: count }, (_, number) => task(number, project));
}

/** A virtual host of the test's own, and who is connected to it. */
export interface Scene {
  vhost: string;
  broker(): Promise<Broker>;
  /** Somebody else's connection: a worker, an operator. */
  stranger(): Promise<ChannelModel>;
  /** Takes `count` messages out of the scan queue, in its order. */
  drain(count: number): Promise<ConsumeMessage[]>;
  /** Closes everybody's connection, as an operator can. */
  closeConnections(): Promise<void>;
  onClose(close: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export async function createScene(): Promise<Scene> {
  const { vhost, drop } = await ownVhost();
  const closers: (() => Promise<unknown>)[] = [drop];

  const stranger = async (): Promise<ChannelModel> => {
    const { host, port, user, password } = rabbitmqConfig(vhost);
    const model = await connect({ hostname: host, port, username: user, password, vhost });
    model.on('error', () => {});
    closers.push(() => model.close().catch(() => {}));
    return model;
  };

  return {
    vhost,
    stranger,
    broker: async () => {
      const opened = await connectedBroker(vhost);
      closers.push(() => opened.close());
      return opened;
    },
    drain: async (count) => {
      const channel = await (await stranger()).createChannel();
      const messages: ConsumeMessage[] = [];
      const take = (message: ConsumeMessage | null) => message && messages.push(message);
      await channel.consume('nmap_scan_queue', take, { noAck: true });
      await eventually(`${count} messages are there`, () => messages.length >= count);
      return messages;
    },
    closeConnections: async () => {
      const connections = await eventually('the management API knows the connection', async () => {
        const list = await rabbitmqApi('GET', `vhosts/${vhost}/connections`);
        return Array.isArray(list) && list.length > 0 && list;
      });
      for (const { name } of connections)
        await rabbitmqApi('DELETE', `connections/${encodeURIComponent(name)}`);
    },
    onClose: (close) => {
      closers.push(close);
    },
    close: async () => {
      for (const close of closers.reverse()) await close();
    },
  };
}
