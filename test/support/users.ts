import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { services } from './services.ts';

type UserName = 'admin' | 'alice' | 'bob' | 'carol';

export interface Users {
  tokens: Record<UserName, string>;
  /** User ids, lower-case UUIDs with hyphens. */
  ids: Record<UserName, string>;
  /** Two projects that only an admin may see, and the one that alice may see too. */
  projects: { project: string; projectB: string; aliceProject: string };
}

const TABLES = `
  CREATE TABLE users (
    id uuid PRIMARY KEY,
    username varchar NOT NULL UNIQUE,
    hashed_token varchar NOT NULL,
    email varchar,
    isadmin boolean NOT NULL,
    token_expires_at bigint
  );
  CREATE TABLE projects (id uuid PRIMARY KEY, project_name varchar NOT NULL UNIQUE);
  CREATE TABLE projectuserlink (
    project_id uuid REFERENCES projects (id),
    user_id uuid REFERENCES users (id),
    PRIMARY KEY (project_id, user_id)
  );`;

/**
 * ScanLedger's tables in an empty database: admin; alice, who has one project and a token that expires in an
 * hour; bob, who has no project; carol, whose token expired an hour ago.
 */
export async function createUsers(database: string): Promise<Users> {
  const client = new pg.Client({ ...services().postgres, database });
  await client.connect();
  try {
    await client.query(TABLES);
    return await fill(client);
  } finally {
    await client.end();
  }
}

async function fill(client: pg.Client): Promise<Users> {
  const nowS = Math.floor(Date.now() / 1000);
  const expiryS: Record<UserName, number | null> = {
    admin: null,
    alice: nowS + 3600,
    bob: null,
    carol: nowS - 3600,
  };
  const tokens = perUser((name) => `${name}-${randomUUID()}`);
  const ids = perUser(() => randomUUID());
  for (const name of USER_NAMES) {
    const hash = createHash('sha256').update(tokens[name]).digest('hex');
    await client.query('INSERT INTO users VALUES ($1, $2, $3, $4, $5, $6)', [
      ids[name],
      name,
      hash,
      `${name}@example.test`,
      name === 'admin',
      expiryS[name],
    ]);
  }
  const projects = { project: randomUUID(), projectB: randomUUID(), aliceProject: randomUUID() };
  for (const [name, id] of Object.entries(projects))
    await client.query('INSERT INTO projects VALUES ($1, $2)', [id, name]);
  await client.query('INSERT INTO projectuserlink VALUES ($1, $2)', [projects.aliceProject, ids.alice]);
  return { tokens, ids, projects };
}

const USER_NAMES: readonly UserName[] = ['admin', 'alice', 'bob', 'carol'];

function perUser(make: (name: UserName) => string): Record<UserName, string> {
  return { admin: make('admin'), alice: make('alice'), bob: make('bob'), carol: make('carol') };
}
