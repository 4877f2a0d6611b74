/** How much one question looks through, and that it ends when nobody waits for the answer. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { projectKeys } from '../../../src/adapters/redis/keys.ts';
import type { SubmissionPlace } from '../../../src/adapters/submissions/index.ts';
import { SubmissionView } from '../../../src/adapters/submissions/submissionView.ts';
import { expand } from '../../../src/jobs/expand.ts';
import type { NewSubmission } from '../../../src/model/submission.ts';
import { explain } from '../../../src/queries/explain/explain.ts';
import type { ExplainServices } from '../../../src/queries/explain/explainTargets.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { singleAddress } from '../../../src/targets/sets/addressSet.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const ASKED = { range: singleAddress(parseAddress('9.9.9.9') ?? 0) };
const HUNG_UP = new Error('nobody waits');
let scene: StageScene;
let services: ExplainServices;

beforeAll(async () => {
  scene = await stageScene(createResolver());
  const { targetStore, workers } = scene.stores;
  const { compute } = scene.context;
  const states = new TargetStates(targetStore, workers);
  services = { ...scene.stores, states, compute };
});

afterAll(() => scene.close());

async function expanded(count: number, changes: Partial<NewSubmission> = {}): Promise<string> {
  const project = randomUUID();
  for (let i = 0; i < count; i++) {
    const submission = await scene.begin({ project, ...changes });
    await runStage(expand, { submission }, scene.context);
  }
  return project;
}

it('explain looks through so much, and says where to go on', async () => {
  const project = await expanded(5, { provided: 60_000 });
  const sizes: number[] = [];
  let after: SubmissionPlace | undefined;
  do {
    const { explanations, next } = await explain(project, ASKED, after, services);
    sizes.push(explanations.length);
    after = next;
  } while (after);
  expect(sizes).toEqual([2, 2, 1]);
});

it('explain looks through many small submissions at once', async () => {
  const project = await expanded(5);
  const { explanations, next } = await explain(project, ASKED, undefined, services);
  expect([explanations.length, next]).toEqual([5, undefined]);
});

it('explain looks at a hundred submissions at once, and says where to go on, also with nothing found', async () => {
  const project = await expanded(1);
  const { submissions } = projectKeys(project);
  const gone = Array.from({ length: 100 }, (_, i) => [Date.now() + 1_000 + i, randomUUID()]).flat();
  await scene.redis.zadd(submissions, ...gone);
  const first = await explain(project, ASKED, undefined, services);
  expect(first).toEqual({ explanations: [], next: { id: gone[1], atMs: gone[0] } });
  const last = await explain(project, ASKED, first.next, services);
  expect([last.explanations.length, last.next]).toEqual([1, undefined]);
});

it('explain finds patterns without making their ranges', async () => {
  const project = await expanded(1, { entries: '*.*.9.9\n*.*.9.8' });
  const { explanations } = await explain(project, ASKED, undefined, services);
  expect(explanations[0]?.entries).toMatchObject([{ entry: '*.*.9.9' }]);
});

it('explain ends when nobody waits for the answer', async () => {
  const project = await expanded(5);
  const gone = new AbortController();
  let looked = 0;
  class Watched extends SubmissionView {
    override progress(id: string) {
      if (++looked === 2) gone.abort(HUNG_UP);
      return super.progress(id);
    }
  }
  const watched = { ...services, view: new Watched(scene.redis), signal: gone.signal };
  await expect(explain(project, ASKED, undefined, watched)).rejects.toBe(HUNG_UP);
  expect(looked).toBe(2);
});
