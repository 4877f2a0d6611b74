import { type Logger, pino } from 'pino';
import { type Broker, createBroker } from '../../src/adapters/rabbitmq/broker.ts';
import type { RabbitmqConfig } from '../../src/config/config.ts';
import { eventually, services } from './services.ts';

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
