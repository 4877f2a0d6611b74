import Joi from 'joi';
import { NETWORK_PREFIXES, type PerNetwork } from '../../model/perNetwork.ts';

const MOST = 1_000_000;

function whole(min: number, max: number, description: string, example: number) {
  return Joi.number().strict().integer().min(min).max(max).description(description).example(example);
}

/** Of a project or a request. */
export function perNetworkSchema() {
  return Joi.object<PerNetwork>({
    tasks: whole(1, MOST, 'Tasks at once, ready in RabbitMQ or with a worker', 2),
    per_minute: whole(1, MOST, 'Tasks that begin within a minute', 30),
    v4: whole(8, 32, 'Prefix length of an IPv4 network', 24).default(NETWORK_PREFIXES.v4),
    v6: whole(16, 128, 'Prefix length of an IPv6 network', 64).default(NETWORK_PREFIXES.v6),
  })
    .or('tasks', 'per_minute')
    .messages({ 'object.missing': 'Input should have tasks, per_minute or both' })
    .description(
      'How many tasks a network may get. Those of all projects count, because its firewall does not tell them apart; of the limits of installation, project and request the strictest holds. What is over it waits, and the rest of the scan goes on',
    )
    .meta({ className: 'PerNetwork' });
}

export const perNetworkExample: PerNetwork = { tasks: 2, per_minute: 30, ...NETWORK_PREFIXES };
