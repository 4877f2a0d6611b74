import { getServers } from 'node:dns';
import { createPostgresAuth } from '../adapters/auth/postgresAuth.ts';
import { createScanledgerAuth } from '../adapters/auth/scanledgerAuth.ts';
import { createResolver } from '../adapters/dns/resolver.ts';
import { createScanledger } from '../adapters/scanledger/scanledger.ts';
import type { Config } from '../config/config.ts';
import { messageOf } from '../runtime/errors.ts';
import { type Finding, ok } from './finding.ts';
import { type Look, silentLog } from './stores.ts';

/** A resolver gives one packet an eighth of this, and sends two. */
const DNS_LIMIT_MS = 8_000;

interface Service {
  check(): Promise<void>;
  close(): unknown;
}

async function serviceFinding(what: string, service: Service, todo: string): Promise<Finding> {
  try {
    await service.check();
    return ok(what, 'answers');
  } catch (error) {
    return { what, state: 'broken', found: messageOf(error), todo };
  } finally {
    await service.close();
  }
}

export const lookAtLedger: Look = async ({ ledger }) => {
  const what = 'ledger';
  if (!ledger) return [ok(what, 'none is used')];
  const todo =
    'look at SCANLEDGER_BASE_URL, SCANLEDGER_CA and TASKER_AUTH_TOKEN, and whether ScanLedger runs';
  return [await serviceFinding(what, createScanledger(ledger), todo)];
};

export const lookAtAuthStore: Look = async ({ auth }) => {
  const what = 'users';
  switch (auth.provider) {
    case 'static':
      return [ok(what, 'none but the bearer of TASKER_TOKEN, or of the token that the first start showed')];
    case 'postgres': {
      const todo = 'look at POSTGRES_HOST and the variables beside it, and whether PostgreSQL runs';
      return [await serviceFinding(what, createPostgresAuth(auth.postgres, silentLog), todo)];
    }
    case 'scanledger': {
      const todo = 'look at SCANLEDGER_BASE_URL and SCANLEDGER_CA, and whether ScanLedger runs';
      return [await serviceFinding(what, createScanledgerAuth(auth.scanledger), todo)];
    }
  }
};

/** Each by itself: one that is silent makes every name that it is asked for take longer. */
export const lookAtNameServers: Look = async ({ dnsServers = getServers() }: Pick<Config, 'dnsServers'>) => {
  if (dnsServers.length === 0)
    return [
      {
        ...{ what: 'name servers', state: 'broken', found: 'there are none' },
        todo: 'set DNS_SERVERS, or name one in /etc/resolv.conf',
      },
    ];
  const todo = 'start it, or take it out of DNS_SERVERS (without that: out of /etc/resolv.conf)';
  return Promise.all(
    dnsServers.map((server) => {
      const resolver = createResolver({ servers: [server], timeoutMs: DNS_LIMIT_MS });
      return serviceFinding(`name server ${server}`, resolver, todo);
    }),
  );
};
