import { X509Certificate } from 'node:crypto';
import { certificateEnd, type TlsServer } from '../adapters/tls/certificate.ts';
import type { Config } from '../config/config.ts';
import { messageOf } from '../runtime/errors.ts';
import { type Finding, ok } from './finding.ts';

/** From here on somebody should act. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

/** One finding for each certificate that this configuration has to do with: ours and those of the stores. */
export async function checkCertificates(config: Config): Promise<Finding[]> {
  const own = ownCertificates(config).map(([whose, pem]) => certificateFinding(whose, endOf(pem)));
  const shown = tlsServers(config).map(async ([whose, server]): Promise<Finding> => {
    try {
      return certificateFinding(whose, await certificateEnd(server));
    } catch (error) {
      const found = `cannot be seen: ${messageOf(error)}`;
      return { what: nameOf(whose), state: 'unknown', found, todo: `look whether ${whose} answers` };
    }
  });
  return [...own, ...(await Promise.all(shown))];
}

function ownCertificates({ tls, redis, rabbitmq, auth }: Config): [whose: string, pem: string][] {
  const postgres = auth.provider === 'postgres' ? auth.postgres : undefined;
  const all: [string, string | undefined][] = [
    ['Tasker', tls?.cert],
    ['Tasker for Redis', redis.tls?.cert],
    ['Tasker for RabbitMQ', rabbitmq.tls?.cert],
    ['Tasker for PostgreSQL', postgres?.tls?.cert],
  ];
  return all.flatMap(([whose, pem]) => (pem === undefined ? [] : [[whose, pem]]));
}

function tlsServers({ redis, rabbitmq, auth, ledger }: Config): [whose: string, server: TlsServer][] {
  const found: [string, TlsServer][] = [];
  if (redis.tls) {
    const { tls } = redis;
    for (const place of redis.sentinel?.servers ?? [redis])
      found.push([redis.sentinel ? `sentinel ${place.host}:${place.port}` : 'Redis', { ...place, tls }]);
  }
  if (rabbitmq.tls) {
    const { tls, others = [] } = rabbitmq;
    for (const { host, port } of [rabbitmq, ...others])
      found.push([others.length > 0 ? `RabbitMQ ${host}:${port}` : 'RabbitMQ', { host, port, tls }]);
  }
  if (auth.provider === 'postgres' && auth.postgres.tls) {
    const { host, port, tls } = auth.postgres;
    found.push(['PostgreSQL', { host, port, tls, postgres: true }]);
  }
  if (ledger?.baseUrl.startsWith('https:')) {
    const { hostname, port } = new URL(ledger.baseUrl);
    const host = hostname.replace(/^\[|\]$/g, '');
    found.push(['ScanLedger', { host, port: Number(port || 443), tls: {} }]);
  }
  return found;
}

function endOf(pem: string): Date {
  return new Date(new X509Certificate(pem).validTo);
}

const nameOf = (whose: string) => `certificate of ${whose}`;

function certificateFinding(whose: string, end: Date): Finding {
  const what = nameOf(whose);
  const days = Math.floor((end.getTime() - Date.now()) / DAY_MS);
  const date = end.toISOString().slice(0, 10);
  if (days < 0) return { what, state: 'broken', found: `ended on ${date}`, todo: 'renew it' };
  const found = `ends on ${date}, in ${days} days`;
  return days < SOON_DAYS ? { what, state: 'warning', found, todo: 'renew it' } : ok(what, found);
}
