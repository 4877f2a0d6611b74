/** A plan, the run of it, and a run without a plan come to the same set: that of a naive reading. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import { split } from '../../../src/jobs/split.ts';
import { formatAddress } from '../../../src/targets/address/address.ts';
import { addressesOf } from '../../../src/targets/sets/addressSet.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { notations4, type Piece, union } from '../../support/notations.ts';
import { OPTIONS, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const OPEN = '11.7.1';
const PRIVATE = '10.1.255';
/** Name -> last octets of OPEN; a minus stands for PRIVATE. */
const NAMES: Readonly<Record<string, readonly number[]>> = {
  'one.test': [5],
  'two.test': [9, -3],
  'far.test': [30, 220],
  'same.test': [220],
  'inside.test': [-4],
  'gone.test': [],
};
const textOf = (octet: number) => (octet < 0 ? `${PRIVATE}.${-octet}` : `${OPEN}.${octet}`);

let dns: DnsServer;
let scene: StageScene;

beforeAll(async () => {
  const zone = Object.entries(NAMES).flatMap(([name, octets]) =>
    octets.map((one) => `${textOf(one)} ${name}`),
  );
  dns = await startDnsServer({ zone });
  const servers = [`${dns.address}:${dns.port}`];
  scene = await stageScene(createResolver({ servers, hostsFile: '/nowhere/hosts' }));
});
afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
  await dns?.stop();
});

const nameLists = fc.subarray(Object.keys(NAMES));
const requests = fc.record({
  open: fc.array(notations4(OPEN), { maxLength: 4 }),
  inside: fc.array(notations4(PRIVATE), { maxLength: 2 }),
  names: nameLists,
  exclude: fc.array(notations4(OPEN), { maxLength: 3 }),
  excludedNames: fc.subarray(['one.test', 'two.test', 'far.test']),
  byProject: fc.boolean(),
  keepEdges: fc.boolean(),
});
type Request = typeof requests extends fc.Arbitrary<infer T> ? T : never;

/** Rare by chance: one address of a name is excluded, and the other one comes in with the name alone, or not. */
const ONE_OF_TWO: Request = {
  ...{ open: [], inside: [], names: ['far.test'], excludedNames: [], byProject: false, keepEdges: false },
  exclude: [{ typed: `${OPEN}.30`, values: [30], edges: [] }],
};

/** Each entry by itself, one address after the other, as docs/targets.md and docs/scope.md say it. */
function naive({ open, names, exclude, excludedNames, keepEdges }: Request): number[] {
  const excluded = new Set([...union(exclude, true), ...excludedNames.flatMap((name) => NAMES[name] ?? [])]);
  const isExcluded = (name: string) =>
    excludedNames.includes(name) || (NAMES[name] ?? []).some((octet) => excluded.has(octet));
  const found = names.filter((name) => !isExcluded(name)).flatMap((name) => NAMES[name] ?? []);
  const targets = new Set([...union(open, keepEdges), ...found.filter((octet) => octet >= 0)]);
  return [...targets].filter((octet) => !excluded.has(octet)).sort((a, b) => a - b);
}

/** Distinct addresses found, refused ones included. */
function naiveFound({ open, inside, names, keepEdges }: Request): number {
  const private4 = union(inside, keepEdges).map((octet) => `${PRIVATE}.${octet}`);
  const ofNames = names.flatMap((name) => NAMES[name] ?? []).map(textOf);
  return new Set([...union(open, keepEdges).map(textOf), ...private4, ...ofNames]).size;
}

const typedOf = (pieces: readonly Piece[]) => pieces.map(({ typed }) => typed);

async function accepted(kind: 'scan' | 'plan', project: string, request: Request) {
  const entries = [...typedOf(request.open), ...request.names, ...typedOf(request.inside)];
  const exclude = [...typedOf(request.exclude), ...request.excludedNames];
  const id = await scene.begin({
    kind,
    project,
    entries: entries.join('\n'),
    options: { ...OPTIONS, include_network_and_broadcast: request.keepEdges },
    ...(!request.byProject && exclude.length > 0 && { exclude }),
  });
  scene.injected.length = 0;
  await runStage(expand, { submission: id }, scene.context);
  for (const { ref } of scene.injected.splice(0)) await runStage(resolve, ref, scene.context);
  return { id, ...(await decided(id)) };
}

/** What dedup comes to. */
async function decided(id: string) {
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  const { view } = scene.stores;
  const [outcome, progress] = [await view.outcome(id), await view.progress(id)];
  if (!outcome || !progress) throw new Error('nothing was kept');
  return { set: Array.from(addressesOf(outcome.accepted), formatAddress), summary: progress.summary };
}

it('a plan agrees with the naive sets, whatever the notations, the names and the exclusions', async () => {
  const ann = { id: randomUUID(), username: 'ann' };
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const project = randomUUID();
      if (request.byProject) {
        const entries = [...typedOf(request.exclude), ...request.excludedNames];
        const rows = entries.map((entry) => {
          const row = { entry, by: ann, at: new Date().toISOString(), why: 'test', until: null };
          return [entry, row] as const;
        });
        await scene.stores.exclusions.add(project, new Map(rows));
      }
      const plan = await accepted('plan', project, request);
      expect(plan.set).toEqual(naive(request).map(textOf));
      expect(plan.summary.resolved_ips).toBe(naiveFound(request));
      const run = randomUUID();
      await scene.context.submissions.beginPlanned(run, { plan: plan.id, project, user: ann });
      const planned = await decided(run);
      expect(planned).toEqual({ set: plan.set, summary: plan.summary });
      await scene.context.submissions.finish(run, project);
      const direct = await accepted('scan', project, request);
      expect({ set: direct.set, summary: direct.summary }).toEqual(planned);
    }),
    { numRuns: 60, examples: [[ONE_OF_TWO], [{ ...ONE_OF_TWO, names: ['far.test', 'same.test'] }]] },
  );
});
