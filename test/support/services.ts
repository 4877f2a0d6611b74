import { Redis } from 'ioredis';
import pg from 'pg';

/** Where the real servers of this test run answer. `test/support/globalSetup.ts` starts them and sets the variable. */
export interface Services {
  redis: { host: string; port: number };
  rabbitmq: {
    host: string;
    port: number;
    tlsPort: number;
    managementPort: number;
    user: string;
    password: string;
  };
  postgres: { host: string; port: number; user: string; password: string };
  /** PEM texts for who speaks TLS to RabbitMQ (`tlsPort`) or PostgreSQL: their authority, and what it wants to see. */
  tls: { ca: string; cert: string; key: string };
}

export const SERVICES_VARIABLE = 'TASKER_TEST_SERVICES';

export function services(): Services {
  const text = process.env[SERVICES_VARIABLE];
  if (!text) throw new Error('no servers: a test that needs some stands in test/integration or test/e2e');
  return JSON.parse(text) as Services;
}

/** A Redis database number that no other test uses, empty. */
export async function ownRedisDb(): Promise<number> {
  const { host, port } = services().redis;
  const counter = new Redis({ host, port, db: 0 });
  try {
    const db = (await counter.incr('test:databases')) % 999;
    await counter.select(db + 1);
    await counter.flushdb();
    return db + 1;
  } finally {
    counter.disconnect();
  }
}

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

let vhosts = 0;

/** A virtual host that no other test uses. `drop` removes it with everything in it. */
export async function ownVhost(): Promise<{ vhost: string; drop: () => Promise<void> }> {
  const vhost = `test-${process.pid}-${Date.now()}-${vhosts++}`;
  const { user } = services().rabbitmq;
  await rabbitmqApi('PUT', `vhosts/${vhost}`);
  await rabbitmqApi('PUT', `permissions/${vhost}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  return { vhost, drop: async () => void (await rabbitmqApi('DELETE', `vhosts/${vhost}`)) };
}

let databases = 0;

/** A PostgreSQL database that no other test uses, without tables. `drop` removes it. */
export async function ownDatabase(): Promise<{ database: string; drop: () => Promise<void> }> {
  const database = `test_${process.pid}_${Date.now()}_${databases++}`;
  const asAdmin = async (statement: string) => {
    const client = new pg.Client({ ...services().postgres, database: 'postgres' });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await asAdmin(`CREATE DATABASE ${database}`);
  return { database, drop: () => asAdmin(`DROP DATABASE ${database} WITH (FORCE)`) };
}

/** Waits until `condition` gives something truthy, and gives it. Fails with `what` after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
