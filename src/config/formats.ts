import { createPrivateKey, X509Certificate } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import Joi from 'joi';
import { messageOf } from '../runtime/errors.ts';
import type { EntryOptions } from '../targets/entries/entry.ts';
import { ruleEntriesIn } from '../targets/scope/rules.ts';
import { readExclusionsFile } from './exclusions.ts';

/** One kind of value that a variable may take; `T` is what the text becomes. */
export interface ValueType<T> {
  schema: Joi.AnySchema<T>;
  /** Ends the sentence "it must be ...". */
  mayBe: string;
}

export interface TlsFiles {
  cert: string;
  key: string;
}

/** `parse` throws what is wrong with the text. */
export function parsed<T>(mayBe: string, parse: (typed: string) => T): ValueType<T> {
  return { schema: Joi.any().custom(parse), mayBe };
}

export function wholeNumber(min: number, max: number): ValueType<number> {
  return {
    schema: Joi.number().integer().min(min).max(max),
    mayBe: `a whole number from ${min} to ${max}`,
  };
}

/** Tasks that may be ready in RabbitMQ: as many as the workers need, so many, or with 0 any number. */
export type DispatchWindow = 'auto' | number;

export const dispatchWindow: ValueType<DispatchWindow> = {
  schema: Joi.alternatives<DispatchWindow>(
    Joi.string().lowercase().valid('auto'),
    Joi.number().integer().min(0).max(1_000_000),
  ),
  mayBe: 'auto, or a whole number from 0 to 1000000',
};

export function oneOf<const T extends string>(...words: T[]): ValueType<T> {
  return {
    schema: Joi.string<T>()
      .lowercase()
      .valid(...words),
    mayBe: `one of ${words.join(', ')}`,
  };
}

export const yesOrNo: ValueType<boolean> = {
  schema: Joi.boolean().truthy('1', 'yes', 'on').falsy('0', 'no', 'off'),
  mayBe: 'true or false',
};

/** In BIND_ADDRESS: all interfaces, IPv6 too where the machine has it. */
export const EVERY_INTERFACE = '*';

export const text: ValueType<string> = { schema: Joi.string(), mayBe: 'a text' };

export const word: ValueType<string> = {
  schema: Joi.string()
    .lowercase()
    .pattern(/^[a-z0-9_-]+$/),
  mayBe: 'a word of letters, digits, hyphens and underscores',
};

export const token: ValueType<string> = {
  schema: Joi.string().pattern(/^[\x21-\x7e]+$/),
  mayBe: 'printable ASCII characters without spaces, as it travels in a header',
};

const LEAST_TOKEN = 16;

/** A token that we give out ourselves: it must not be guessed. */
export const ownToken: ValueType<string> = {
  schema: Joi.string()
    .pattern(/^[\x21-\x7e]+$/)
    .min(LEAST_TOKEN),
  mayBe: `at least ${LEAST_TOKEN} ${token.mayBe}`,
};

export const webAddress = parsed('a URL that begins with https:// or http://', (value) => {
  const url = new URL(value);
  if (url.username || url.password) throw new Error('a user or password does not belong into it');
  if (url.search || url.hash) throw new Error('"?" and "#" do not belong into it');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('another protocol');
  return value.replace(/\/+$/, '');
});

const BYTES_PER_UNIT = { '': 1, B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

export const byteCount = parsed(
  'a number of bytes, or a number with KB, MB or GB, from 1KB to 1GB',
  (value) => {
    const [, digits = '', unit = ''] = /^(\d+)\s*([KMG]?B)?$/i.exec(value) ?? [];
    const bytes = Number(digits) * BYTES_PER_UNIT[unit.toUpperCase() as keyof typeof BYTES_PER_UNIT];
    if (bytes < 1024 || bytes > 1024 ** 3) throw new Error('out of range');
    return bytes;
  },
);

/** Of interfaces; a host name could stand for several, and for others tomorrow. */
export const bindAddress = parsed('an IP address of this machine, or * for all of them', (value) => {
  if (value !== EVERY_INTERFACE && isIP(value) === 0) throw new Error('no IP address');
  return value;
});

/** `problemOf` says what is wrong with an item, or nothing. */
function list(mayBe: string, problemOf: (item: string) => string | undefined): ValueType<string[]> {
  return parsed(mayBe, (value) => {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    const problems = items.map(problemOf).filter((problem) => problem !== undefined);
    if (items.length === 0) problems.push('nothing in it');
    if (problems.length > 0) throw new Error(problems.join('; '));
    return items;
  });
}

/** Read with names of one label or without them, as ALLOW_SINGLE_LABEL says. */
function withLabels<T>(mayBe: string, read: (typed: string, options: EntryOptions) => T): ValueType<T> {
  const when = (allowSingleLabel: boolean) => {
    const { schema } = parsed(mayBe, (typed) => read(typed, { allowSingleLabel }));
    return { not: allowSingleLabel, otherwise: schema };
  };
  const schema = Joi.any().when('ALLOW_SINGLE_LABEL', when(true)).when('ALLOW_SINGLE_LABEL', when(false));
  return { schema, mayBe };
}

/** Not split at each comma: one inside octets belongs to the form. */
export const ruleEntries = withLabels(
  'addresses, networks, ranges, names and *.domain, separated by commas',
  entriesOf,
);

function entriesOf(value: string, options: EntryOptions): string[] {
  const entries = ruleEntriesIn(value, options);
  if (entries.length === 0) throw new Error('nothing in it');
  return entries;
}

/** Alone in the allowlist: everything may be scanned, as when there is none. */
export const ANYTHING = '*';

/** A star beside other entries is no pattern: whoever wrote it meant either the one or the other. */
export const allowlist = withLabels(`${ruleEntries.mayBe}; or ${ANYTHING} alone`, (value, options) => {
  if (value.trim() === ANYTHING) return [ANYTHING];
  if (value.split(/[\s,]+/).includes(ANYTHING))
    throw new Error(`"${ANYTHING}" allows everything and stands alone: leave it out, or the other entries`);
  return entriesOf(value, options);
});

/** Its content is checked here and read again later, so the path is the value. */
export const exclusionsFile = withLabels(
  'the path of a file with addresses, networks, ranges, names and *.domain',
  (path, options) => {
    readExclusionsFile(path, options);
    return path;
  },
);

export const dnsServers = list(
  'address, address:port or [IPv6 address]:port, separated by commas',
  (item) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(item) ?? [];
    const known = isIP(item) || (bracketed ? isIP(bracketed) === 6 : isIP(plain ?? '') === 4);
    if (!known) return `"${item}" is no address`;
    return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535)
      ? undefined
      : `"${item}" has no such port`;
  },
);

const proxyList = list('', (item) => {
  const [address = '', prefix, ...more] = item.split('/');
  const longest = isIP(address) === 4 ? 32 : 128;
  const fits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  return isIP(address) && fits && more.length === 0 ? undefined : `"${item}" is no address and no network`;
});

/** Proxies in front of the service; 0 is the same as none. */
export const proxies: ValueType<number | string[]> = {
  schema: Joi.alternatives(Joi.number().integer().min(0).max(10), proxyList.schema),
  mayBe: 'a number from 0 to 10, or addresses and networks separated by commas',
};

/** For the operator alone. */
const APPENDED_MODE = 0o600;

function file<T>(mayBe: string, parse: (pem: string) => T): ValueType<T> {
  return parsed(mayBe, (path) => parse(readFileSync(path, 'utf8')));
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ((?:\w+ )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/;

function certificatesIn(pem: string): string {
  const certificates = pem.match(CERTIFICATES);
  if (!certificates) throw new Error('no certificate in it');
  for (const certificate of certificates) readPem(() => new X509Certificate(certificate));
  return `${certificates.join('\n')}\n`;
}

function privateKeyIn(pem: string): string {
  const key = PRIVATE_KEY.exec(pem)?.[0];
  if (!key) throw new Error('no private key in it');
  readPem(() => createPrivateKey(key));
  return `${key}\n`;
}

/** OpenSSL's messages name its own source files; what matters is which part it could not read. */
function readPem(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    throw new Error(`cannot be read: ${messageOf(error).replace(/^error:[^:]*:/, '')}`);
  }
}

/** @throws Error when the key is not the certificate's */
export function matching(tls: TlsFiles): TlsFiles {
  try {
    createSecureContext(tls);
  } catch {
    throw new Error('certificate and key do not belong together');
  }
  return tls;
}

/** It is made where there is none; its content is nobody's business. */
export const appendedFile = parsed('the path of a file that can be appended to', (path) => {
  // To open a pipe would wait for a reader.
  if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? true)) throw new Error('it is no file');
  closeSync(openSync(path, 'a+', APPENDED_MODE));
  return path;
});

export const certificateFile = file('the path of a PEM file with a certificate', certificatesIn);
export const keyFile = file('the path of a PEM file with a private key, without a passphrase', privateKeyIn);
export const bundleFile = file('the path of a PEM file with a certificate and its private key', (pem) =>
  matching({ cert: certificatesIn(pem), key: privateKeyIn(pem) }),
);
