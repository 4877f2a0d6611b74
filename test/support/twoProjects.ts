import { ownDatabase, services } from './services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from './tasker.ts';
import { createUsers, type Users } from './users.ts';

export interface TwoProjects {
  installation: Installation;
  tasker: Tasker;
  users: Users;
  /** Any call; the token is the caller's. */
  call(
    method: string,
    path: string,
    token: string,
    body?: unknown,
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; what they expect is what is checked
  ): Promise<{ status: number; body: any }>;
  close(): Promise<void>;
}

/** Tasker with ScanLedger's users: an admin, alice with her project, bob. */
export async function startWithUsers(env: Record<string, string> = {}): Promise<TwoProjects> {
  const installation = await ownInstallation();
  const { postgres } = services();
  const { database, drop } = await ownDatabase();
  const users = await createUsers(database);
  const tasker = await startTasker({
    ...installation.env,
    AUTH_PROVIDER: 'postgres',
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    POSTGRES_USER: postgres.user,
    POSTGRES_PASSWORD: postgres.password,
    POSTGRES_DB: database,
    ...env,
  });
  return {
    installation,
    tasker,
    users,
    async call(method, path, token, body) {
      const response = await fetch(tasker.url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async close() {
      await tasker.stop();
      await drop();
      await installation.drop();
    },
  };
}
