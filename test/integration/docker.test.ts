import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as dotenv } from 'dotenv';
import Joi from 'joi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROWS } from '../../src/config/variables.ts';
import { runToEnd } from '../../tools/runToEnd.ts';
import { selfSignedCertificate } from '../support/certificate.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

/** Images of others that are published as `latest` only: the file names none, and cannot know what they write. */
const PUBLISHED_AS_LATEST = { scanledger: true, worker: true };

/** What is in a file of variables after the script has seen to it. */
function generated(name: string): Record<string, string> {
  const file = join(directory, name);
  execFileSync('sh', [path('docker/secrets.sh'), file]);
  return dotenv(readFileSync(file, 'utf8'));
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-docker-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Service {
  image: string;
  build?: string;
  user?: string;
  restart: string;
  read_only: boolean;
  cap_drop: string[];
  cap_add: string[];
  security_opt: string[];
  pids_limit: number;
  mem_limit: string;
  tmpfs: string[];
  hostname?: string;
  command?: string[];
  environment: Record<string, string>;
  volumes: string[];
  ports: string[];
  profiles: string[];
  healthcheck?: { test: string[] };
  depends_on: Record<string, { condition: string }>;
}

const service = Joi.object<Service>({
  image: Joi.string().required(),
  build: Joi.string(),
  user: Joi.string(),
  read_only: Joi.boolean().required(),
  cap_drop: Joi.array().items(Joi.string()).required(),
  cap_add: Joi.array().items(Joi.string()).default([]),
  security_opt: Joi.array().items(Joi.string()).required(),
  pids_limit: Joi.number().required(),
  mem_limit: Joi.string().required(),
  tmpfs: Joi.array().items(Joi.string()).default([]),
  command: Joi.array().items(Joi.string()),
  restart: Joi.string().required(),
  hostname: Joi.string(),
  environment: Joi.object().pattern(Joi.string(), Joi.string()).default({}),
  volumes: Joi.array().items(Joi.string()).default([]),
  ports: Joi.array().items(Joi.string()).default([]),
  profiles: Joi.array().items(Joi.string()).default([]),
  healthcheck: Joi.object({ test: Joi.array().items(Joi.string()).min(2).required() }).unknown(),
  depends_on: Joi.object()
    .pattern(Joi.string(), Joi.object({ condition: Joi.string() }))
    .default({}),
});
const composeFile = Joi.object<{
  'x-confined': object;
  services: Record<string, Service>;
  volumes: Record<string, null>;
}>({
  'x-confined': Joi.object(),
  services: Joi.object().pattern(Joi.string(), service).required(),
  volumes: Joi.object().pattern(Joi.string(), Joi.valid(null)),
});

describe('docker-compose.yml', () => {
  const { services, volumes } = Joi.attempt(parse(read('docker-compose.yml'), { merge: true }), composeFile);

  function serviceOf(name: string): Service {
    const found = services[name];
    if (!found) throw new Error(`no service ${name}`);
    return found;
  }

  it('starts Tasker, Redis and RabbitMQ, and the rest of Falcoria in a profile', () => {
    const inProfile = (profiles: string[]) =>
      Object.keys(services).filter((name) => serviceOf(name).profiles.join() === profiles.join());
    expect(inProfile([])).toEqual(['redis', 'rabbitmq', 'tasker']);
    expect(inProfile(['falcoria'])).toEqual(['postgres', 'scanledger', 'worker']);
  });

  it('checks the health of every service, and waits for it', () => {
    for (const [name, { healthcheck }] of Object.entries(services)) {
      if (name === 'tasker') expect(read('Dockerfile')).toContain('HEALTHCHECK');
      else expect(healthcheck, name).toBeDefined();
    }
    for (const name of ['redis', 'rabbitmq'])
      expect(serviceOf('tasker').depends_on[name]).toEqual({ condition: 'service_healthy' });
  });

  it('makes Redis keep what it is told', () => {
    const command = serviceOf('redis').command?.join(' ');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(serviceOf('redis').volumes).toEqual(['redis_data:/data']);
  });

  it('lets a worker keep a task for both phases of the longest scan', () => {
    const mount = './docker/rabbitmq.conf:/etc/rabbitmq/conf.d/90-tasker.conf:ro';
    expect(serviceOf('rabbitmq').volumes).toContain(mount);
    const timeoutMs = Number(/^consumer_timeout = (\d+)$/m.exec(read('docker/rabbitmq.conf'))?.[1]);
    const longestScanMs = 86_400_000;
    expect(timeoutMs).toBeGreaterThan(2 * longestScanMs);
  });

  it('publishes HTTPS on 8443; plain HTTP on 8001 and the stores for this machine only', () => {
    const byDefault = serviceOf('tasker').ports.map((port) => port.replaceAll(/\$\{\w+:-([\d.]+)\}/g, '$1'));
    expect(byDefault).toEqual(['8443:443', '127.0.0.1:8001:8001']);
    expect(serviceOf('tasker').ports[1]).toMatch(/^\$\{BIND_ADDRESS:-/);
    for (const name of ['redis', 'rabbitmq'])
      for (const port of serviceOf(name).ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('gives Tasker variables that it knows, and the same passwords as the stores', () => {
    const { environment } = serviceOf('tasker');
    const known = Object.keys(ROWS);
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
    expect(environment.REDIS_PASSWORD).toBe(serviceOf('redis').environment.REDIS_PASSWORD);
    expect(environment.RABBITMQ_PASSWORD).toBe(serviceOf('rabbitmq').environment.RABBITMQ_DEFAULT_PASS);
    expect(environment.RABBITMQ_VHOST).toBe(serviceOf('worker').environment.rabbitmq_vhost);
  });

  it('leaves out no variable but those that the image or the network of the file decides', () => {
    // The Redis and the RabbitMQ are those of this file, and speak no TLS; deploy/compose is for others.
    const decided =
      /^(PORT|BIND_ADDRESS|TLS_.*|REDIS_(?!DB|PASSWORD|HOST).*|RABBITMQ_(URL|PORT|TLS|CA|CERT|KEY)|POSTGRES_PORT)$/;
    const { environment } = serviceOf('tasker');
    const missing = Object.keys(ROWS).filter((name) => !(name in environment) && !decided.test(name));
    expect(missing).toEqual([]);
  });

  it('has no secret of its own, and says which script makes them', () => {
    const secrets = Object.values(services).flatMap(({ environment }) =>
      Object.entries(environment).filter(([name]) => /PASS|TOKEN/i.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(10);
    for (const [name, value] of secrets)
      expect(value, name).toMatch(/^\$\{(\w+:\?run "sh docker\/secrets\.sh" once|\w+:-)\}$/);
    // Empty ones: of Tasker, who makes its own or does without; and of the worker, whom ScanLedger gives it.
    const empty = secrets.flatMap(([, value]) => /\{(\w+):-\}/.exec(value)?.[1] ?? []);
    expect(empty).toEqual([
      'POSTGRES_PASSWORD',
      'TASKER_AUTH_TOKEN',
      'TASKER_TOKEN',
      'METRICS_TOKEN',
      'WORKER_BACKEND_TOKEN',
    ]);
    for (const store of ['redis', 'rabbitmq', 'postgres'])
      expect(Object.values(serviceOf(store).environment).join()).toContain(':?');
  });

  it('asks for exactly the secrets that the script makes, and that the quickstart makes', () => {
    const asked = new Set(
      Array.from(read('docker-compose.yml').matchAll(/\$\{(\w+):\?/g), ([, name]) => name),
    );
    expect(Object.keys(generated('all.env')).sort()).toEqual([...asked].sort());
    for (const name of asked) expect(read('tools/quickstart/compose.ts')).toContain(`'${name}'`);
  });

  it('names a version of every image', () => {
    for (const [name, { image }] of Object.entries(services)) {
      const byDefault = image.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
      expect(byDefault, name).toMatch(name in PUBLISHED_AS_LATEST ? /^unset\.invalid\// : /:\d+\.\d+\.?\d*/);
      expect(byDefault).not.toContain('latest');
    }
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(serviceOf('tasker').image).toBe(`\${TASKER_IMAGE:-tasker:${version}}`);
  });

  it('confines every container', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.cap_add, name).toEqual(name === 'worker' ? ['NET_RAW'] : []);
      expect(service.security_opt, name).toEqual(['no-new-privileges:true']);
      expect(service.mem_limit, name).toMatch(/^\$\{\w+:-\d+[mg]\}$/);
      expect(service.read_only, name).toBe(!(name in PUBLISHED_AS_LATEST));
      if (service.read_only) expect(service.tmpfs, name).toContain('/tmp');
    }
    // Their entrypoints begin as root otherwise and need what was dropped.
    for (const store of ['redis', 'rabbitmq', 'postgres']) expect(serviceOf(store).user).toBe(store);
  });

  it('lets Redis say that it is full before its container is', () => {
    expect(serviceOf('redis').command?.join(' ')).toContain('--maxmemory "$$REDIS_MAXMEMORY"');
    expect(serviceOf('redis').environment.REDIS_MAXMEMORY).toContain(':-1gb}');
    expect(serviceOf('redis').mem_limit).toContain(':-2560m}');
  });

  it('declares every volume, and mounts only files that exist or certificates', () => {
    const sources = Object.values(services).flatMap((each) =>
      each.volumes.map((mount) => mount.split(':')[0] ?? ''),
    );
    for (const source of sources) {
      if (source.startsWith('./certs')) continue;
      expect(source.startsWith('./') ? existsSync(path(source)) : source in volumes, source).toBe(true);
    }
  });
});

describe('the script that makes secrets', () => {
  it('writes them for its owner alone, each one different and long', () => {
    const made = Object.values(generated('fresh.env'));
    expect(statSync(join(directory, 'fresh.env')).mode & 0o777).toBe(0o600);
    for (const secret of made) expect(secret).toMatch(/^[0-9a-f]{48}$/);
    expect(new Set(made).size).toBe(5);
    expect(generated('other.env')).not.toEqual(generated('fresh.env'));
  });

  it('keeps what is there, in any notation, and fills in what is empty', () => {
    const file = join(directory, 'kept.env');
    const before = `# mine\nREDIS_PASSWORD="s p#ce"\nexport RABBITMQ_PASSWORD = abc # note\nPOSTGRES_PASSWORD=\nPORT=1`;
    writeFileSync(file, before, { mode: 0o644 });
    const first = generated('kept.env');
    expect(readFileSync(file, 'utf8').startsWith(`${before}\n`)).toBe(true);
    expect(first).toMatchObject({ REDIS_PASSWORD: 's p#ce', RABBITMQ_PASSWORD: 'abc', PORT: '1' });
    expect(first.POSTGRES_PASSWORD).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(generated('kept.env')).toEqual(first);
  });

  it('refuses a password that everybody knows, and shows no other', async () => {
    const file = join(directory, 'known.env');
    writeFileSync(file, "REDIS_PASSWORD='my-own-one'\nRABBITMQ_PASSWORD=guest\n");
    const { status, stdout, stderr } = spawnSync('sh', [path('docker/secrets.sh'), file], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('RABBITMQ_PASSWORD: everybody knows');
    expect(stdout + stderr).not.toContain('my-own-one');
    for (const value of Object.values(dotenv(readFileSync(file, 'utf8'))).filter((each) => each.length > 10))
      expect(stdout + stderr).not.toContain(value);
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const commands = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim());

  it('copies files that exist and that .dockerignore lets through', () => {
    const letThrough = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = commands('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(/\s+/).slice(0, -1));
    expect(sources.length).toBeGreaterThan(4);
    for (const source of sources) {
      expect(existsSync(path(source)), source).toBe(true);
      expect(letThrough).toContain(source.split('/')[0]);
    }
  });

  it('builds on a named version of Node', () => {
    for (const image of commands('FROM')) expect(image).toMatch(/^node:\d+\.\d+\.\d+-/);
  });

  it('runs scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const names = commands('RUN').flatMap((line) =>
      [...line.matchAll(/npm run (\S+)/g)].map((match) => match[1]),
    );
    expect(names).toEqual(['build']);
    for (const name of names) expect(scripts).toHaveProperty(name ?? '');
    expect(commands('CMD')).toContain('["node", "dist/main.js"]');
  });

  it('puts the command line of package.json on the path', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(bin).toEqual({ tasker: 'dist/cli.js' });
    expect(commands('RUN')).toContain(`ln -s /app/${bin.tasker} /usr/local/bin/tasker`);
  });

  it('keeps the rules of Dockerfiles that matter', () => {
    for (const directory of commands('WORKDIR')) expect(directory).toMatch(/^\//);
    // Both as lists: a shell in between would swallow the signals.
    for (const command of [...commands('CMD'), ...commands('ENTRYPOINT')]) expect(command).toMatch(/^\["/);
    // ADD unpacks and downloads; what is installed is what the lock file says; who pipes loses the exit code.
    expect(commands('ADD')).toEqual([]);
    const scripts = commands('RUN').join('\n');
    expect(scripts).not.toMatch(/apt-get|sudo|curl|wget|npm install|\||latest/);
    const stages = commands('FROM').flatMap((line) => / AS (\S+)$/.exec(line)?.[1] ?? []);
    const from = commands('COPY').flatMap((line) => /^--from=(\S+)/.exec(line)?.[1] ?? []);
    expect(from.filter((stage) => !stages.includes(stage))).toEqual([]);
    expect(from.length).toBeGreaterThan(0);
    // No secret is baked in.
    expect([...commands('ENV'), ...commands('ARG')].join()).not.toMatch(/PASSWORD|TOKEN|SECRET/i);
    const known = /^(FROM|WORKDIR|COPY|RUN|ENV|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD|#|\s|$)/;
    expect(lines.filter((line) => !known.test(line))).toEqual([]);
  });

  it('does not run as root', () => {
    expect(commands('USER')).toEqual(['node']);
  });
});

it('a release says what it is made of: the packages that run, also those that build too, and no others', async () => {
  // Not by npm: where it finds the packages old, it installs them anew, under the other tests.
  expect(await runToEnd(process.execPath, ['--import', 'tsx', 'tools/sbom.ts'])).toBe(0);
  const bom = JSON.parse(read('.data/sbom.cdx.json'));
  const { dependencies } = JSON.parse(read('package.json'));
  const refs: string[] = bom.components.map((component: { 'bom-ref': string }) => component['bom-ref']);
  expect(bom.bomFormat).toBe('CycloneDX');
  for (const entry of Object.entries(dependencies)) expect(refs).toContain(entry.join('@'));
  expect(refs.filter((ref) => /^(vitest|@biomejs\/.*|knip|kubernetes-models)@/.test(ref))).toEqual([]);
  expect(bom.dependencies[0].dependsOn).toHaveLength(Object.keys(dependencies).length);
});

describe('the entrypoint', () => {
  /** What a program sees that the entrypoint starts. */
  function seen(env: Record<string, string>, script = 'echo "$PORT $TLS_BUNDLE"'): string {
    return execFileSync('sh', [path('docker/entrypoint.sh'), 'sh', '-c', script], {
      env: { PATH: process.env.PATH, TASKER_BUNDLE: join(directory, 'absent.pem'), ...env },
      encoding: 'utf8',
    }).trim();
  }

  it('listens with HTTP on 8001 without a bundle', () => {
    expect(seen({})).toBe('8001');
    expect(seen({ PORT: '9000' })).toBe('9000');
  });

  it('listens with HTTPS on 443 with one, unless told otherwise', () => {
    const bundle = join(directory, 'bundle.pem');
    writeFileSync(bundle, '');
    expect(seen({ TASKER_BUNDLE: bundle })).toBe(`443 ${bundle}`);
    expect(seen({ TASKER_BUNDLE: bundle, PORT: '9000' })).toBe(`9000 ${bundle}`);
    expect(seen({ TASKER_BUNDLE: bundle, TLS_BUNDLE: '/mine.pem' })).toBe('8001 /mine.pem');
    expect(seen({ TASKER_BUNDLE: bundle, TLS_CERT: '/mine.crt' })).toBe('8001');
  });

  it('lets the server listen on all addresses of the container, unless told otherwise', () => {
    const bound = (env: Record<string, string>) => seen(env, 'printf %s "$BIND_ADDRESS"');
    expect(bound({})).toBe('*');
    expect(bound({ BIND_ADDRESS: '127.0.0.1' })).toBe('127.0.0.1');
    expect(bound({ bind_address: '::1' })).toBe('');
  });

  it('takes a directory in the place of the bundle for none', () => {
    expect(seen({ TASKER_BUNDLE: directory })).toBe('8001');
  });
});

describe('the health check', () => {
  const check = (env: Record<string, string>) =>
    runToEnd(process.execPath, [path('docker/health.mjs')], { PATH: process.env.PATH, ...env });

  it('asks /health over HTTP', async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/health' ? 200 : 404).end();
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
    expect(await check({ PORT: String(port) })).toBe(0);
    expect(await check({ PORT: String(port), TLS_BUNDLE: '/b.pem' })).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    expect(await check({ PORT: String(port) })).toBe(1);
    expect(await check({ ROLE: 'jobs' })).toBe(0);
  });

  it('accepts a certificate of our own over HTTPS', async () => {
    const server = createTlsServer(await selfSignedCertificate(), (_request, response) => response.end());
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
    expect(await check({ PORT: String(port), TLS_BUNDLE: '/b.pem' })).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});
