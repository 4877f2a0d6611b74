import { isIP } from 'node:net';
import { parsed } from './formats.ts';

interface Server {
  /** A name, or an IP address without brackets. */
  host: string;
  port?: number;
}

/** `host` and `host:port`, separated by commas, IPv6 addresses with a port in brackets. */
export const servers = parsed('host or host:port, several separated by commas', (typed) => {
  serversIn(typed);
  return typed;
});

/** @throws Error that names the item that is neither */
export function serversIn(typed: string): Server[] {
  return typed.split(',').map((item) => serverIn(item.trim()));
}

function serverIn(item: string): Server {
  if (isIP(item) === 6) return { host: item };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^\s:/@?#[\]]+))(?::(\d{1,5}))?$/.exec(item) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || (bracketed !== undefined && isIP(bracketed) !== 6))
    throw new Error(`"${item}" is no host and no host:port`);
  if (digits === undefined) return { host };
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw new Error(`"${item}" has no such port`);
  return { host, port };
}

interface UrlParts {
  scheme: string;
  user: string | undefined;
  password: string | undefined;
  servers: Server[];
  /** The servers as typed. */
  place: string;
  /** As typed, with its slash; undefined: there is none. */
  path: string | undefined;
}

/** No message shows a part of it: where a password is not encoded, any part may be one of the password. */
function urlParts(typed: string): UrlParts {
  const [, scheme = '', login, place = '', path, rest] =
    /^([a-z]+):\/\/(?:([^@/?#]*)@)?([^/?#]*)(\/[^?#]*)?(.*)$/s.exec(typed) ?? [];
  if (scheme === '') throw new Error('it does not begin like a URL');
  if (rest) throw new Error('"?" and "#" do not belong into it; in a password they are %3F and %23');
  const [user, ...password] = (login ?? '').split(':');
  return {
    scheme,
    user: decoded(user) || undefined,
    password: decoded(password.join(':')) || undefined,
    servers: path?.includes('@') ? noHost() : serversOrNone(place),
    place,
    path,
  };
}

function serversOrNone(place: string): Server[] {
  try {
    return serversIn(place);
  } catch {
    return noHost();
  }
}

function noHost(): never {
  throw new Error('there is no host:port in it; in a password "@", "/" and "%" are %40, %2F and %25');
}

function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('a "%" in it is not followed by two hexadecimal digits; itself it is %25');
  }
}

/** What a URL says, by the variables that say the same. undefined: it is silent about that one. */
type Said = Record<string, string | undefined>;

function saidByRedisUrl(typed: string): Said {
  const { scheme, user, password, servers, path } = urlParts(typed);
  const [server, ...others] = servers;
  if (scheme !== 'redis' && scheme !== 'rediss') throw new Error('another protocol');
  if (others.length > 0)
    throw new Error('it names several hosts, and Redis is one; several sentinels go into REDIS_SENTINELS');
  const db = path?.slice(1) || undefined;
  if (db !== undefined && !/^\d{1,5}$/.test(db))
    throw new Error('only a slash and the number of a database may follow the host');
  return {
    REDIS_HOST: server?.host,
    REDIS_PORT: server?.port?.toString(),
    REDIS_TLS: String(scheme === 'rediss'),
    REDIS_USER: user,
    REDIS_PASSWORD: password,
    REDIS_DB: db,
  };
}

function saidByRabbitmqUrl(typed: string): Said {
  const { scheme, user, password, servers, place, path } = urlParts(typed);
  const [server, ...others] = servers;
  if (scheme !== 'amqp' && scheme !== 'amqps') throw new Error('another protocol');
  // To RabbitMQ it would be the virtual host without a name; whoever typed it rarely meant that.
  if (path === '/')
    throw new Error(
      'it ends with a slash: for the virtual host "/" leave it out, for another one write its name behind it',
    );
  return {
    // Several have their ports with them; that of one may also stand in the variable.
    RABBITMQ_HOST: others.length > 0 ? place : server?.host,
    RABBITMQ_PORT: others.length > 0 ? undefined : server?.port?.toString(),
    RABBITMQ_TLS: String(scheme === 'amqps'),
    RABBITMQ_USER: user,
    RABBITMQ_PASSWORD: password,
    RABBITMQ_VHOST: path === undefined ? undefined : decoded(path.slice(1)),
  };
}

function url(mayBe: string, said: (typed: string) => Said) {
  return {
    said,
    type: parsed(mayBe, (typed) => {
      said(typed);
      return typed;
    }),
  };
}

/** The variables that are URLs, and what they say. */
export const URLS = {
  REDIS_URL: url('redis:// or rediss://, and user:password@host:port/database', saidByRedisUrl),
  RABBITMQ_URL: url('amqp:// or amqps://, and user:password@host:port/vhost', saidByRabbitmqUrl),
};
