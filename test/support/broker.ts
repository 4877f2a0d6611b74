import { type Logger, pino } from 'pino';
import { type Broker, createBroker } from '../../src/adapters/rabbitmq.ts';
import type { RabbitmqConfig } from '../../src/config.ts';
import { eventually, services } from './services.ts';

/** Asks RabbitMQ's management API. `path` comes after `/api/`. */
export async function rabbitmqApi(method: string, path: string, body?: unknown): Promise<unknown> {
  const { host, managementPort, user, password } = services().rabbitmq;
  const response = await fetch(`http://${host}:${managementPort}/api/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} gave ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** A log whose lines a test can read. */
export function linesLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }), lines };
}

export function rabbitmqConfig(vhost: string): RabbitmqConfig {
  const { host, port, user, password } = services().rabbitmq;
  return { host, port, user, password, vhost };
}

/** A broker that is connected. The caller closes it. */
export async function connectedBroker(vhost: string, options: { log?: Logger } = {}): Promise<Broker> {
  const broker = createBroker({
    config: rabbitmqConfig(vhost),
    log: options.log ?? pino({ level: 'silent' }),
  });
  await eventually('the broker is connected', () => broker.connected);
  return broker;
}
