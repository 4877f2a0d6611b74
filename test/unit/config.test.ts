import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, loadEnvironment, readConfig } from '../../src/config/config.ts';
import { STORE_ROWS } from '../../src/config/storeRows.ts';
import { ROWS } from '../../src/config/variables.ts';
import { selfSignedCertificate } from '../support/certificate.ts';

type Variables = Record<string, string>;

function configOf(env: Variables): Config {
  const result = readConfig(env);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.config;
}

const faultsOf = (env: Variables): string[] => {
  const result = readConfig(env);
  return result.ok ? [] : result.faults;
};

const scanledger = { SCANLEDGER_BASE_URL: 'https://scanledger', TASKER_AUTH_TOKEN: 'tasker-own-token' };
const postgres = { POSTGRES_HOST: 'db', POSTGRES_USER: 'u', POSTGRES_PASSWORD: 'p', POSTGRES_DB: 'd' };

let directory: string;
const path = (name: string) => join(directory, name);

/** Writes a self-signed certificate and its key; returns the two paths. */
async function certificate(name: string): Promise<{ cert: string; key: string }> {
  const pem = await selfSignedCertificate();
  const paths = { cert: path(`${name}.crt`), key: path(`${name}.key`) };
  for (const part of ['cert', 'key'] as const) writeFileSync(paths[part], pem[part]);
  return paths;
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('defaults', () => {
  it('make a stand-alone Tasker out of nothing', () => {
    expect(configOf({})).toEqual({
      role: 'all',
      environment: 'development',
      logLevel: 'info',
      port: 8001,
      bindAddress: '127.0.0.1',
      redis: { host: '127.0.0.1', port: 6379, db: 3 },
      rabbitmq: { host: '127.0.0.1', port: 5672, user: 'guest', password: 'guest', vhost: '/' },
      auth: { provider: 'static' },
      dnsRate: 0,
      dnsTimeoutMs: 12_000,
      dispatchWindow: 'auto',
      responseDeadlineMs: 45_000,
      maxPlanning: 80,
      quotas: { openSubmissions: 500, plans: 500, storedBytes: 536_870_912 },
      maxExclusions: 20_000,
      maxBodyBytes: 33_554_432,
      maxBodyTotalBytes: 64 * 1024 ** 2,
      maxTargets: 16_777_216,
      allowSingleLabel: false,
      excludedHosts: [],
      allowPrivateTargets: false,
      showInstallationRules: false,
      auditKeep: 20_000,
      webhookAllowPrivate: false,
      docs: true,
      metrics: 'token',
    });
  });

  it('choose the provider whose settings are there, PostgreSQL first', () => {
    expect(configOf({ ...postgres, ...scanledger }).auth).toEqual({
      provider: 'postgres',
      postgres: { host: 'db', port: 5432, user: 'u', password: 'p', database: 'd' },
    });
    const expected = { baseUrl: 'https://scanledger', token: 'tasker-own-token', tlsVerify: true };
    expect(configOf(scanledger)).toMatchObject({ auth: { scanledger: expected }, ledger: expected });
    expect(configOf({ ...scanledger, LEDGER: 'none' }).ledger).toBeUndefined();
    expect(
      configOf({ ...postgres, ...scanledger, AUTH_PROVIDER: 'static', TASKER_TOKEN: 't'.repeat(16) }).auth,
    ).toEqual({
      provider: 'static',
      token: 't'.repeat(16),
    });
  });

  it('switch the docs off in production, unless they are asked for', () => {
    expect(configOf({ ENVIRONMENT: 'production' }).docs).toBe(false);
    expect(configOf({ environment: 'Production', DOCS: 'true' }).docs).toBe(true);
    expect(configOf({ DOCS: 'off' }).docs).toBe(false);
  });
});

describe('the address to listen on', () => {
  it('is for this machine only, and every one with TLS', async () => {
    expect(configOf({}).bindAddress).toBe('127.0.0.1');
    const { cert, key } = await certificate('bound');
    expect(configOf({ TLS_CERT: cert, TLS_KEY: key }).bindAddress).toBeUndefined();
    expect(configOf({ TLS_CERT: cert, TLS_KEY: key, BIND_ADDRESS: '::1' }).bindAddress).toBe('::1');
    expect(configOf({ bind_address: '*' }).bindAddress).toBeUndefined();
    expect(configOf({ BIND_ADDRESS: '0.0.0.0' }).bindAddress).toBe('0.0.0.0');
  });
});

describe('names and values', () => {
  it('reads the lower-case names of an older .env', () => {
    const config = configOf({
      redis_host: 'redis',
      redis_password: 'r',
      rabbitmq_vhost: 'scans',
      postgres_host: 'db',
      postgres_user: 'u',
      postgres_db: 'd',
      scanledger_base_url: 'https://scanledger/',
      tasker_auth_token: 't',
      allowed_hosts: '8.8.8.8, 1.1.1.0/24',
    });
    expect(config.redis).toEqual({ host: 'redis', port: 6379, password: 'r', db: 3 });
    expect(config.rabbitmq.vhost).toBe('scans');
    expect(config.auth.provider).toBe('postgres');
    expect(config.ledger?.baseUrl).toBe('https://scanledger');
    expect(config.allowedHosts).toEqual(['8.8.8.8', '1.1.1.0/24']);
  });

  it('prefers upper case, and takes an empty value for none', () => {
    expect(configOf({ PORT: '1', port: '2' }).port).toBe(1);
    expect(configOf({ PORT: '', port: '2' }).port).toBe(2);
    expect(configOf({ PORT: ' ', REDIS_HOST: '', ALLOWED_HOSTS: '', TLS_BUNDLE: '' })).toEqual(configOf({}));
  });

  it('keeps the spaces of a password', () => {
    expect(configOf({ REDIS_PASSWORD: ' a b ' }).redis.password).toBe(' a b ');
  });

  it('takes a star alone in the allowlist for no restriction', () => {
    for (const star of ['*', ' * ']) {
      expect(configOf({ ALLOWED_HOSTS: star })).toEqual(configOf({}));
      expect(configOf({ allowed_hosts: star })).toEqual(configOf({}));
    }
  });

  it('takes limits of networks, with the usual lengths of their prefixes', () => {
    expect(configOf({}).perNetwork).toBeUndefined();
    const typed = configOf({ MAX_PER_NETWORK: 'tasks=2, per_minute = 30' });
    expect(typed.perNetwork).toEqual({ tasks: 2, per_minute: 30, v4: 24, v6: 64 });
    expect(configOf({ MAX_PER_NETWORK: 'per_minute=5,v4=16,v6=48' }).perNetwork).toEqual({
      per_minute: 5,
      v4: 16,
      v6: 48,
    });
  });

  it('takes sizes with units', () => {
    expect(configOf({ MAX_BODY: '1500' }).maxBodyBytes).toBe(1500);
    expect(configOf({ MAX_BODY: '64 kb' }).maxBodyBytes).toBe(65_536);
    expect(configOf({ MAX_BODY: '1GB' }).maxBodyBytes).toBe(1024 ** 3);
  });

  it('takes name servers of both families, with and without a port', () => {
    const typed = '9.9.9.9, 127.0.0.1:5353, 2620:fe::fe, [::1]:53, [2620:fe::9]';
    expect(configOf({ DNS_SERVERS: typed }).dnsServers).toEqual(typed.split(', '));
  });
});

describe('faults', () => {
  it.each([
    [{ PORT: 'abc' }, 'PORT is "abc": it must be a whole number from 1 to 65535'],
    [
      { BIND_ADDRESS: 'localhost' },
      'BIND_ADDRESS is "localhost": it must be an IP address of this machine, or * for all of them (no IP address)',
    ],
    [{ PORT: '0' }, 'PORT is "0": it must be a whole number from 1 to 65535'],
    [{ REDIS_DB: '1.5' }, 'REDIS_DB is "1.5": it must be a whole number from 0 to 65535'],
    [{ ROLE: 'boss' }, 'ROLE is "boss": it must be one of api, jobs, all'],
    [{ DOCS: 'maybe' }, 'DOCS is "maybe": it must be true or false'],
    [{ MAX_PLANNING: '-1' }, 'MAX_PLANNING is "-1": it must be a whole number from 0 to 1000000'],
    [{ DNS_TIMEOUT: '13' }, 'DNS_TIMEOUT is "13": it must be a whole number from 1 to 12'],
    [{ RESPONSE_DEADLINE: '59' }, 'RESPONSE_DEADLINE is "59": it must be a whole number from 1 to 58'],
    [{ MAX_TARGETS: '67108865' }, 'MAX_TARGETS is "67108865": it must be a whole number from 1 to 67108864'],
    [
      { ALLOWED_HOSTS: '8.8.8.8, *' },
      'ALLOWED_HOSTS is "8.8.8.8, *": it must be addresses, networks, ranges, names and *.domain, separated by commas; or * alone ("*" allows everything and stands alone: leave it out, or the other entries)',
    ],
    [
      { ALLOWED_HOSTS: '8.8.8.8,*example.com' },
      'ALLOWED_HOSTS is "8.8.8.8,*example.com": it must be addresses, networks, ranges, names and *.domain, separated by commas; or * alone ("*example.com": a pattern is a star, a dot and a domain; did you mean *.example.com?)',
    ],
    [
      { EXCLUDED_HOSTS: '*' },
      'EXCLUDED_HOSTS is "*": it must be addresses, networks, ranges, names and *.domain, separated by commas ("*": a star alone is not understood: name a domain, or a network)',
    ],
    [
      { DNS_SERVERS: '9.9.9.9:99999' },
      'DNS_SERVERS is "9.9.9.9:99999": it must be address, address:port or [IPv6 address]:port, separated by commas ("9.9.9.9:99999" has no such port)',
    ],
    [{ AUTH_PROVIDER: 'scanledger' }, 'SCANLEDGER_BASE_URL is missing: AUTH_PROVIDER scanledger needs it'],
    [{ LEDGER: 'scanledger' }, 'SCANLEDGER_BASE_URL is missing: LEDGER scanledger needs it'],
    [{ SCANLEDGER_BASE_URL: 'https://s' }, 'TASKER_AUTH_TOKEN is missing: SCANLEDGER_BASE_URL needs it'],
    [
      { MAX_PER_NETWORK: '2' },
      'MAX_PER_NETWORK is "2": it must be tasks=N, per_minute=N or both, and v4=N, v6=N for other prefix lengths, with commas between them ("2" is none of tasks, per_minute, v4, v6)',
    ],
    [
      { MAX_PER_NETWORK: 'tasks=1,v4=33' },
      'MAX_PER_NETWORK is "tasks=1,v4=33": it must be tasks=N, per_minute=N or both, and v4=N, v6=N for other prefix lengths, with commas between them (v4 must be from 8 to 32)',
    ],
    [
      { MAX_PER_NETWORK: 'v6=48' },
      'MAX_PER_NETWORK is "v6=48": it must be tasks=N, per_minute=N or both, and v4=N, v6=N for other prefix lengths, with commas between them (it says neither tasks nor per_minute)',
    ],
    [{ TLS_KEY: '/k' }, 'TLS_KEY is "/k": it goes with TLS_CERT, which is missing'],
  ])('%j', (env, fault) => {
    expect(faultsOf(env)).toEqual([fault]);
  });

  it('gives a line for each wrong variable', () => {
    expect(
      faultsOf({ POSTGRES_HOST: 'db', PORT: 'x', MAX_BODY: '1' }).map((line) => line.split(' ')[0]),
    ).toEqual(['PORT', 'POSTGRES_USER', 'POSTGRES_DB', 'MAX_BODY']);
  });

  it('takes proxies as a number or as addresses, and believes none by itself', () => {
    expect(configOf({}).trustProxy).toBeUndefined();
    expect(configOf({ TRUST_PROXY: '0' }).trustProxy).toBeUndefined();
    expect(configOf({ TRUST_PROXY: '2' }).trustProxy).toBe(2);
    const networks = ['10.0.0.0/8', '192.0.2.1', 'fd00::/8'];
    expect(configOf({ TRUST_PROXY: networks.join(', ') }).trustProxy).toEqual(networks);
    for (const wrong of [
      '11',
      '-1',
      '1.5',
      'true',
      'loopback',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      '10.0.0',
      '::/129',
    ])
      expect(faultsOf({ TRUST_PROXY: wrong })).toEqual([
        expect.stringMatching(/^TRUST_PROXY is ".*": it must be /),
      ]);
  });

  it('takes no token of its own that is short', () => {
    expect(faultsOf({ TASKER_TOKEN: 'a'.repeat(15) })).toEqual([
      expect.stringMatching(/^TASKER_TOKEN is set \(not shown\): it must be at least 16 printable/),
    ]);
    expect(configOf({ TASKER_TOKEN: 'a'.repeat(16) }).auth).toEqual({
      provider: 'static',
      token: 'a'.repeat(16),
    });
  });

  it('never shows a secret', () => {
    const faults = faultsOf({
      ...scanledger,
      TASKER_TOKEN: 'hush hush',
      TASKER_AUTH_TOKEN: 'quiet\tplease',
      SCANLEDGER_BASE_URL: 'https://admin:hunter2@scanledger',
    });
    expect(faults).toHaveLength(3);
    expect(faults[0]).toContain('"https://***@scanledger"');
    expect(faults.join('\n')).not.toMatch(/hush|quiet|please|hunter2/);
  });
});

describe('rules in settings', () => {
  it.each(['ALLOWED_HOSTS', 'EXCLUDED_HOSTS'])(
    '%s ends its entries at commas and line ends, never at blanks',
    (name) => {
      const key = name === 'ALLOWED_HOSTS' ? 'allowedHosts' : 'excludedHosts';
      expect(configOf({ [name]: '8.8.8.8, *.a.test\n8.8.8.0/24#office' })[key]).toEqual([
        '8.8.8.8',
        '*.a.test',
        '8.8.8.0/24',
      ]);
      for (const [typed, meant] of [
        ['8.8.8.8 1.1.1.1', 'did you mean 8.8.8.8, 1.1.1.1?'],
        ['8.8.8.0 255.255.255.248', 'did you mean 8.8.8.0/255.255.255.248?'],
        ['8.8.8.10 to 8.8.8.20', 'did you mean 8.8.8.10-8.8.8.20?'],
        ['8.8.8.0/29,-8.8.8.3', '"-8.8.8.3": it begins with a hyphen: a bullet, a "not", or an open octet?'],
        ['8.8.8.250-', 'did you mean 8.8.8.250-255?'],
        ['8.8.8.0,24', 'did you mean 8.8.8.0/24 or 8.8.8.0, 8.8.8.24?'],
        ['intranet', 'without a domain'],
      ] as const) {
        const faults = faultsOf({ [name]: typed });
        expect(faults).toHaveLength(1);
        expect(faults[0]).toContain(`${name} is "${typed}"`);
        expect(faults[0]).toContain(meant);
      }
      expect(configOf({ [name]: 'intranet', ALLOW_SINGLE_LABEL: 'yes' })[key]).toEqual(['intranet']);
      expect(faultsOf({ [name]: 'please do', ALLOW_SINGLE_LABEL: 'true' })).toHaveLength(1);
    },
  );

  it.each<[title: string, content: string | Buffer, fault?: string]>([
    ['with entries', '\ufeff8.8.8.8\r\n# x\r\n'],
    ['without any, which says so', '#  No exclusions \n'],
    ['in UTF-16, little end first', Buffer.from('\ufeff8.8.8.8\r\n', 'utf16le')],
    ['in UTF-16, big end first', Buffer.from('\ufeff8.8.8.8\r\n', 'utf16le').swap16()],
    [
      'that is empty',
      '',
      'it holds no entry; if nothing is to be excluded, write the line "# no exclusions" into it',
    ],
    ['of comments', '# 8.8.8.8\n# there are no exclusions\n', 'it holds no entry'],
    ['in UTF-16 without a mark', Buffer.from('8.8.8.8\r\n', 'utf16le'), 'looks like UTF-16'],
    [
      'with a range in words',
      '9.9.9.9\n8.8.8.1 to 8.8.8.6\n',
      'line 2: "8.8.8.1 to 8.8.8.6": a range is written',
    ],
    ['with a sentence', 'please do not scan these\n8.8.8.8', 'line 1'],
    ['with a single label', 'intranet', 'without a domain'],
  ])('a file of exclusions %s', (_, content, fault) => {
    writeFileSync(path('excluded.txt'), content);
    const faults = faultsOf({ EXCLUDED_HOSTS_FILE: path('excluded.txt') });
    if (fault === undefined) expect(faults).toEqual([]);
    else expect(faults[0]).toContain(fault);
  });
});

describe('TLS', () => {
  it('reads a bundle with the certificate and the key in either order', async () => {
    const { cert, key } = await certificate('bundled');
    const [certPem, keyPem] = [readFileSync(cert, 'utf8'), readFileSync(key, 'utf8')];
    for (const parts of [certPem + keyPem, `${keyPem}some text\n${certPem}`]) {
      writeFileSync(path('bundle.pem'), parts);
      expect(configOf({ TLS_BUNDLE: path('bundle.pem') }).tls).toEqual({ cert: certPem, key: keyPem });
    }
    expect(configOf({ TLS_CERT: cert, TLS_KEY: key }).tls).toEqual({ cert: certPem, key: keyPem });
  });

  it('says what is wrong with the files', async () => {
    const [mine, other] = [await certificate('mine'), await certificate('other')];
    expect(faultsOf({ TLS_BUNDLE: mine.cert })[0]).toMatch(/^TLS_BUNDLE is ".*\(no private key in it\)$/);
    expect(faultsOf({ TLS_BUNDLE: mine.key })[0]).toMatch(/\(no certificate in it\)$/);
    expect(faultsOf({ TLS_BUNDLE: path('absent.pem') })[0]).toContain('no such file');
    expect(faultsOf({ TLS_CERT: mine.cert })).toEqual(['TLS_KEY is missing: TLS_CERT needs it']);
    expect(faultsOf({ TLS_CERT: mine.cert, TLS_KEY: other.key })).toEqual([
      'TLS_KEY does not fit TLS_CERT: certificate and key do not belong together',
    ]);
    expect(faultsOf({ TLS_BUNDLE: mine.cert, TLS_CERT: mine.cert, TLS_KEY: mine.key })[1]).toMatch(
      /: TLS_BUNDLE is set too; use one of the two$/,
    );
  });

  it("reads the authority behind ScanLedger's certificate", async () => {
    const { cert } = await certificate('authority');
    const { ledger } = configOf({ ...scanledger, SCANLEDGER_CA: cert, SCANLEDGER_TLS_VERIFY: 'false' });
    expect(ledger).toMatchObject({ ca: readFileSync(cert, 'utf8'), tlsVerify: false });
  });
});

describe('.env', () => {
  it('lies under the environment and leaves it alone', () => {
    writeFileSync(path('.env'), 'PORT=9001\nREDIS_HOST=from-file # comment\n');
    const base = { PORT: '9002' };
    expect(loadEnvironment(directory, base)).toEqual({ PORT: '9002', REDIS_HOST: 'from-file' });
    expect(base).toEqual({ PORT: '9002' });
    expect(loadEnvironment(path('nowhere'), base)).toEqual(base);
  });

  it('.env.example names every variable with its default and a comment, and nothing else', () => {
    const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    const example = parse(text);
    expect(Object.keys(example)).toEqual(Object.keys(ROWS));
    expect(configOf(example)).toEqual(configOf({}));
    for (const [name, row] of Object.entries(ROWS)) {
      const told = row.default.includes(' ') || name in STORE_ROWS;
      expect(example[name]).toBe(told ? '' : row.default);
      if (told && row.default) expect(text).toContain(`Default: ${row.default}.`);
      expect(text).toContain(`# ${row.meaning}`);
      expect(text).toMatch(new RegExp(`^#.*\\n${name}=`, 'm'));
    }
  });
});
