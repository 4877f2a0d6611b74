import { BlockList, isIP } from 'node:net';
import { serversIn } from './servers.ts';
import type { Settings } from './variables.ts';

/** The defaults of RabbitMQ and of PostgreSQL's images. */
const KNOWN = ['guest', 'postgres'];

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function onThisMachine(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, `ipv${version as 4 | 6}`);
}

/** One line for each store that production reaches over a network with a password that everybody knows. */
export function knownPasswords(settings: Settings): string[] {
  if (settings.ENVIRONMENT !== 'production') return [];
  const rabbitmq = serversIn(settings.RABBITMQ_HOST).map(({ host }) => host);
  const postgres = settings.AUTH_PROVIDER === 'postgres' ? [settings.POSTGRES_HOST ?? ''] : [];
  const stores: [name: 'RABBITMQ' | 'POSTGRES', hosts: string[]][] = [
    ['RABBITMQ', rabbitmq],
    ['POSTGRES', postgres],
  ];
  return stores.flatMap(([name, hosts]) => {
    const away = hosts.filter((host) => !onThisMachine(host));
    if (away.length === 0 || !KNOWN.includes(settings[`${name}_PASSWORD`] ?? '')) return [];
    const line = `${name}_PASSWORD is a default that everybody knows, and ${name}_HOST is another machine (${away.join(', ')})`;
    return [`${line}: ENVIRONMENT production needs another password, there and here`];
  });
}
