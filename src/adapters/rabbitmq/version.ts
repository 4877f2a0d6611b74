import type { RabbitmqConfig } from '../../config/config.ts';
import { handshake } from './connection.ts';

/**
 * Connects once, as {@link createBroker} does, and gives what RabbitMQ says of itself.
 * @throws Error that says why not
 */
export async function rabbitmqVersion(config: RabbitmqConfig): Promise<string> {
  const model = await handshake(config);
  model.on('error', () => {});
  const { version } = model.connection.serverProperties;
  await model.close().catch(() => {});
  return String(version);
}
