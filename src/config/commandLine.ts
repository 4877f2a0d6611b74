/** What the command line knows without being told: variables, and the file that `tasker login` writes. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, PermanentError } from '../runtime/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the file holds, all of it optional. `ca` is a path. */
export interface StoredSettings {
  url?: string;
  token?: string;
  project?: string;
  ca?: string;
}

export interface ClientSettings extends StoredSettings {
  url: string;
}

const DEFAULT_URL = 'http://127.0.0.1:8001';
const NAMES = ['url', 'token', 'project', 'ca'] as const;

/**
 * A flag wins over its variable, a variable over the file. Token and certificate of the file are for the server that
 * they were stored for, and for no other.
 *
 * @param stored false: the file does not count
 * @throws PermanentError when a value is wrong, or others may read the file
 */
export function clientSettings(
  flags: Pick<StoredSettings, 'url' | 'project' | 'ca'>,
  { env = process.env, stored = true }: { env?: Environment; stored?: boolean } = {},
): ClientSettings {
  const file = stored ? storedSettings(env) : {};
  const url = webAddress(flags.url || env.TASKER_URL || file.url || DEFAULT_URL);
  const own = file.url === url ? file : {};
  const values: StoredSettings = {
    token: env.TASKER_TOKEN || own.token || '',
    project: flags.project || env.TASKER_PROJECT || file.project || '',
    ca: flags.ca || env.TASKER_CA || own.ca || '',
  };
  return { ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')), url };
}

/** https://no-color.org: set and not empty means none. */
export function wantsColours(isTerminal: boolean, env: Environment = process.env): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
}

function settingsPath(env: Environment): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'tasker.json');
}

/** Replaces the file as a whole. Only its owner may read it, from its first byte on. */
export function storeSettings(settings: StoredSettings, env: Environment = process.env): string {
  const path = settingsPath(env);
  const written = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    rmSync(written, { force: true });
    writeFileSync(written, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(written, path);
  } finally {
    rmSync(written, { force: true });
  }
  return path;
}

/** Empty when there is no file. */
function storedSettings(env: Environment): StoredSettings {
  const path = settingsPath(env);
  let text: string;
  try {
    const othersMay = statSync(path).mode & 0o077;
    if (othersMay !== 0 && process.platform !== 'win32')
      throw new PermanentError(`others may read ${path}, which holds your token: chmod 600 ${path}`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error instanceof PermanentError
      ? error
      : new PermanentError(`cannot read ${path}: ${messageOf(error)}`);
  }
  return settingsIn(text, path);
}

function settingsIn(text: string, path: string): StoredSettings {
  const wrong = new PermanentError(`${path} is not what tasker login writes: run tasker login again`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw wrong;
  const entries = NAMES.flatMap((name) => (name in read ? [[name, Reflect.get(read, name)] as const] : []));
  if (entries.some(([, value]) => typeof value !== 'string')) throw wrong;
  return Object.fromEntries(entries);
}

/** Without a slash at its end. A message shows it, so it holds no password. */
export function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new PermanentError(`${text} is no URL of a server: write it like ${DEFAULT_URL}`);
  if (url.username || url.password || url.search || url.hash)
    throw new PermanentError('the URL of a server has no user, password, ? or #');
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
