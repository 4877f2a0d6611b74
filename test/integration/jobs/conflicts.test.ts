/** What tasks that are out keep another submission of the project from scanning. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { conflicts } from '../../../src/jobs/dedup/conflicts.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import type { NewSubmission } from '../../../src/model/submission.ts';
import { expandEntries } from '../../../src/targets/entries/expandEntries.ts';
import { count } from '../../../src/targets/sets/addressSet.ts';
import { OPTIONS, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;
const project = randomUUID();
const options = (open: object, mode: 'append' | 'insert' = 'append') =>
  ({
    ...OPTIONS,
    mode,
    open_ports_opts: { ...OPTIONS.open_ports_opts, ...open },
  }) as NewSubmission['options'];

beforeAll(async () => {
  scene = await stageScene(createResolver());
  for (const [entries, open] of [
    ['11.5.0.0/28', { ports: ['80', '443'] }],
    ['11.5.1.0/29', { ports: [], top_ports: 100 }],
  ] as const) {
    const submission = await scene.begin({ project, entries, options: options(open) });
    await runStage(expand, { submission }, scene.context);
    await runStage(dedup, { submission }, scene.context);
    await runStage(publish, { submission, index: 0 }, scene.context);
  }
});
afterAll(() => scene?.close());

/** How many addresses of these entries are in the way of a scan of such ports. */
async function inTheWay(entries: string[], given: NewSubmission['options']): Promise<bigint> {
  const id = await scene.begin({ project, entries: entries.join('\n'), options: given });
  const facts = await scene.context.submissions.facts(id);
  return count((await conflicts(facts, expandEntries(entries).set, scene.context)).queued);
}

it.each([
  ['fewer addresses are wanted than are out', ['11.5.0.1', '11.5.0.2', '11.9.0.1'], 2n],
  ['more addresses are wanted than are out', ['11.5.0.0/24', '11.9.0.0/24'], 14n],
])('the same ports in any spelling are in the way where %s', async (_, entries, expected) => {
  expect(await inTheWay(entries, options({ ports: ['443', '80'] }))).toBe(expected);
  expect(await inTheWay(entries, options({ ports: ['80'] }))).toBe(0n);
  expect(await inTheWay(entries, options({ ports: ['80'] }, 'insert'))).toBe(expected);
});

it('ports that nmap chooses are in the way of the same choice only', async () => {
  const some = ['11.5.1.0/29'];
  expect(await inTheWay(some, options({ ports: [], top_ports: 100 }))).toBe(6n);
  expect(await inTheWay(some, options({ ports: [], top_ports: 1_000 }))).toBe(0n);
});
