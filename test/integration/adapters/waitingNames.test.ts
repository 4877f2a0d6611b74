/** Names that wait for an answer hold nobody up, and nobody who answers is taken for silent. */
import { afterEach, expect, it } from 'vitest';
import {
  createResolver,
  type NameResolver,
  type ResolverOptions,
} from '../../../src/adapters/dns/resolver.ts';
import type { Resolution } from '../../../src/model/resolution.ts';
import { type Behaviour, type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { eventually } from '../../support/services.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const named = (count: number, domain: string) => Array.from({ length: count }, (_, i) => `n${i}.${domain}`);
const silent = (count: number) => named(count, 'silent.test');
const good = (count: number) => named(count, 'good.test');

/** Good names are answered as `behaviour` says; silent ones never. */
async function scene(
  behaviour: Behaviour,
  options: ResolverOptions,
): Promise<{ server: DnsServer; resolver: NameResolver }> {
  const behaviours = Object.fromEntries(silent(1_000).map((name) => [name, { drop: 'always' as const }]));
  const zone = ['9.9.9.9 *.good.test'];
  const server = await startDnsServer({ zone, behaviours: { ...behaviours, '*': behaviour, '.': {} } });
  const servers = [`${server.address}:${server.port}`];
  const resolver = createResolver({ servers, hostsFile: '/nowhere/hosts', ...options });
  closers.push(
    () => server.stop(),
    () => resolver.close(),
  );
  return { server, resolver };
}

/** In calls of 500 names, as the jobs make them. */
function resolveAll(
  resolver: NameResolver,
  names: readonly string[],
  onResolved?: (name: string) => void,
): Promise<Map<string, Resolution>[]> {
  const calls: Promise<Map<string, Resolution>>[] = [];
  for (let start = 0; start < names.length; start += 500)
    calls.push(resolver.resolve(names.slice(start, start + 500), { ...(onResolved && { onResolved }) }));
  return Promise.all(calls);
}

const failuresOf = (found: readonly Map<string, Resolution>[]) =>
  found.flatMap((each) => [...each.values()].filter((resolution) => 'failure' in resolution));

it('1,000 silent names end about when one would; 2,000 good ones among them are known before, all of them', async () => {
  const timeoutMs = 4_000;
  const { resolver } = await scene({ latencyMs: 300 }, { timeoutMs });
  // One of three, in each call.
  const names = good(2_000).flatMap((name, i) => (i % 2 === 0 ? [name, `n${i / 2}.silent.test`] : [name]));
  let told = 0;
  let goodOnesMs = 0;
  const beganMs = performance.now();
  const found = await resolveAll(resolver, names, () => {
    if (++told === 2_000) goodOnesMs = performance.now() - beganMs;
  });
  const allMs = performance.now() - beganMs;
  expect(failuresOf(found)).toHaveLength(1_000);
  expect(told).toBe(2_000);
  expect(goodOnesMs).toBeLessThan(timeoutMs);
  expect(allMs).toBeLessThan(2 * timeoutMs);
}, 60_000);

it('a server that loses what it is asked too fast is asked more slowly, and no name is lost', async () => {
  const server = overloaded(600);
  const { resolver } = await scene(server, { timeoutMs: 4_000 });
  expect(failuresOf(await resolveAll(resolver, good(4_000)))).toEqual([]);
}, 60_000);

/** Answers so many queries a second, one after the other, and drops those that would wait for more than 250 ms. */
function overloaded(perSecond: number): Behaviour {
  let freeMs = 0;
  let waitMs = 0;
  return {
    get drop(): number | 'always' {
      const nowMs = performance.now();
      waitMs = Math.max(0, freeMs - nowMs) + 1_000 / perSecond;
      if (waitMs > 250) return 'always';
      freeMs = nowMs + waitMs;
      return 0;
    },
    get latencyMs() {
      return waitMs;
    },
  };
}

it('names in flight are bounded over all calls, and one more call finds room', async () => {
  const { resolver, server } = await scene({}, { mostInFlight: 300, timeoutMs: 180_000 });
  const ending = new AbortController();
  const calls = [0, 400].map((start) =>
    resolver.resolve(silent(1_000).slice(start, start + 400), {}, ending.signal).catch(String),
  );
  await eventually('many of them are asked', () => server.queries.size >= 200);
  // Loopback keeps the order: what was sent before these has arrived when they are answered.
  expect(failuresOf([await resolver.resolve(good(50))])).toEqual([]);
  expect([...server.queries.keys()].filter((name) => name.endsWith('.silent.test')).length).toBeLessThan(300);
  ending.abort('over');
  expect(await Promise.all(calls)).toEqual(['over', 'over']);
}, 60_000);
