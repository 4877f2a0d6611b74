import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCycle, type Import, readSources, sourceOf } from '../support/imports.ts';

const sources = readSources();
const imports = sources.flatMap((source) => source.imports);
const shown = ({ from, to }: Import) => `${from} -> ${to}`;

/** From the top down: a file imports from its own layer and from those below. */
const LAYERS: readonly RegExp[] = [
  /^(main|cli)\.ts$/,
  /^cli\//,
  /^(app\/|computeWorker\.ts$)/,
  /^api\//,
  /^(flows|queries)\//,
  /^jobs\//,
  /^checks\//,
  /^adapters\//,
  /^config\//,
  /^(targets|nmap)\//,
  /^model\//,
  /^(runtime|client)\//,
];

/** A folder is one idea: nobody reads more names than this at once. */
const MOST_FILES = 16;

/** Where a package may be imported. Subpaths count as the package. */
const HOMES: Readonly<Record<string, RegExp>> = {
  '@bull-board': /^api\/board\//,
  '@opentelemetry': /^adapters\/tracing\//,
  amqplib: /^adapters\/rabbitmq\//,
  bullmq: /^(flows\/|queries\/|jobs\/(runner|chores|webhooks)\/)/,
  'bullmq-otel': /^adapters\/tracing\//,
  commander: /^cli\//,
  dotenv: /^config\//,
  express: /^api\//,
  pg: /^adapters\/auth\//,
  'prom-client': /^(adapters|api)\/metrics\//,
  pino: /^runtime\/log\.ts$/,
  undici: /^(adapters\/(scanledger|webhooks)|cli)\//,
  yaml: /^cli\/request\//,
};

const PURE = /^(targets|nmap|model)\//;
const IMPURE = /\b(Date|Math\.random|process|performance|crypto|fetch|set(Timeout|Interval|Immediate))\b/;

function layerOf(path: string): number {
  return LAYERS.findIndex((layer) => layer.test(path));
}

function isFile(target: string): boolean {
  return sources.some(({ path }) => path === target);
}

describe('the layers', () => {
  it('hold every file', () => {
    expect(sources.map(({ path }) => path).filter((path) => layerOf(path) < 0)).toEqual([]);
  });

  it('are all in use, so that no rule is empty', () => {
    const used = new Set(sources.map(({ path }) => layerOf(path)));
    expect(used.size).toBe(LAYERS.length);
  });

  it('import downwards only', () => {
    const upwards = imports.filter(({ from, to }) => isFile(to) && layerOf(to) < layerOf(from));
    expect(upwards.map(shown)).toEqual([]);
  });

  it('have no cycles between files', () => expect(findCycle(sources)).toBeUndefined());
});

describe('a folder', () => {
  const counts = new Map<string, number>();
  for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);

  it.each([...counts])('%s holds few files', (_, count) => expect(count).toBeLessThanOrEqual(MOST_FILES));
});

describe('targets, nmap and model are pure', () => {
  it('import nothing from outside', () => {
    const outside = imports.filter(({ from, to }) => {
      const own = PURE.test(to) || ['runtime/errors.ts', 'node:url'].includes(to);
      return PURE.test(from) && !own;
    });
    expect(outside.map(shown)).toEqual([]);
  });

  it('have no clock, no timers, no randomness, no I/O', () => {
    const impure = sources.filter(({ path, code }) => PURE.test(path) && IMPURE.test(code));
    expect(impure.map(({ path }) => path)).toEqual([]);
  });
});

describe('packages stay at home', () => {
  it.each(Object.entries(HOMES))('%s', (name, home) => {
    const users = imports.filter(({ to }) => to === name || to.startsWith(`${name}/`));
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter(({ from }) => !home.test(from)).map(shown)).toEqual([]);
  });

  it('connections to Redis are opened in one place', () => {
    const openers = imports.filter(({ to, typeOnly }) => to === 'ioredis' && !typeOnly);
    expect(openers.map(({ from }) => from)).toEqual(['adapters/redis/redis.ts']);
  });

  it('OpenTelemetry is loaded only when somebody wants traces', () => {
    const loaders = imports.filter(
      ({ from, to, typeOnly }) =>
        to.startsWith('adapters/tracing/') && !from.startsWith('adapters/tracing/') && !typeOnly,
    );
    expect(loaders.map(({ from }) => from)).toEqual(['main.ts']);
    const main = sources.find(({ path }) => path === 'main.ts');
    expect(main?.code).toContain("await import('./adapters/tracing/openTracing.ts')");
  });

  it('the environment is read in one place, for the service and for the command line', () => {
    const readers = sources.filter(({ code }) => /\bprocess\.env\b/.test(code)).map(({ path }) => path);
    expect(readers.filter((path) => !/^(main|config\/(config|commandLine))\.ts$/.test(path))).toEqual([]);
  });

  it('the command line starts fast: of the rest it loads nothing but the client, its settings and errors', () => {
    const allowed = /^(cli\/.*|client\/.*|config\/commandLine\.ts|runtime\/errors\.ts)$/;
    // The doctor is loaded when it is called, and looks at everything.
    const fast = /^cli(\.ts|\/(?!commands\/doctor\.ts))/;
    const loaded = imports.filter(({ from, to }) => fast.test(from) && isFile(to));
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter(({ to }) => !allowed.test(to)).map(shown)).toEqual([]);
  });
});

describe('the reader of imports', () => {
  const text = `
import a from 'a';
import type { B } from './b.ts';
import {
  c,
  type D,
} from '../c.ts';
export { e } from './e.ts';
export type { F } from 'f/sub';
import './g.ts';
// import h from 'h';
/* import i from 'i'; */
const j = await import('./j.ts');
`;

  it('sees every kind', () => {
    expect(
      sourceOf('x/y.ts', text).imports.map(({ to, typeOnly }) => (typeOnly ? `type ${to}` : to)),
    ).toEqual(['a', 'type x/b.ts', 'c.ts', 'x/e.ts', 'type f/sub', 'x/g.ts', 'x/j.ts']);
  });

  it('refuses what it cannot read', () => {
    expect(() => sourceOf('x.ts', 'await import(name);')).toThrow('what does import(name) import?');
  });

  it('finds a cycle, but not one of types', () => {
    const files = (type: string) => [
      sourceOf('a.ts', "import { b } from './b.ts';"),
      sourceOf('b.ts', "import { c } from './c.ts';"),
      sourceOf('c.ts', `import ${type} { b } from './b.ts';`),
    ];
    expect(findCycle(files(''))).toEqual(['b.ts', 'c.ts', 'b.ts']);
    expect(findCycle(files('type'))).toBeUndefined();
  });
});
