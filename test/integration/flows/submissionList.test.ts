import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { projectKeys, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import type { SubmissionIndex } from '../../../src/adapters/submissions/index.ts';
import type { SubmissionView } from '../../../src/adapters/submissions/submissionView.ts';
import { listSubmissions, type SubmissionQuery } from '../../../src/queries/submissionList.ts';
import { queueKey } from '../../support/ownKeys.ts';
import { type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;
let services: { index: SubmissionIndex; view: SubmissionView };

beforeAll(async () => {
  scene = await stageScene(createResolver());
  services = { index: scene.stores.index, view: scene.stores.view };
});
afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

const page = (project: string, query: Partial<SubmissionQuery> = {}) =>
  listSubmissions(project, { limit: 50, ...query }, services);

async function begun(project: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await scene.begin({ project }));
  return ids;
}

async function allOf(project: string, query: Partial<SubmissionQuery> = {}, between = async () => {}) {
  const ids: string[] = [];
  for (let after: SubmissionQuery['after']; ; ) {
    const { submissions, next } = await page(project, { ...query, ...(after && { after }) });
    ids.push(...submissions.map(({ id }) => id));
    if (next === undefined) return ids;
    after = next;
    await between();
  }
}

/** Newest first, and by id where the millisecond is the same. */
async function expectedOrder(project: string): Promise<string[]> {
  return scene.redis.zrevrange(projectKeys(project).submissions, 0, -1);
}

describe('the submissions of a project', () => {
  it('come newest first, each once, whatever begins meanwhile', async () => {
    const project = randomUUID();
    await begun(project, 7);
    const order = await expectedOrder(project);
    for (const limit of [1, 2, 3, 6, 7, 8])
      expect(await allOf(project, { limit }), `limit ${limit}`).toEqual(order);
    const ids = await allOf(project, { limit: 2 }, async () => void (await begun(project, 1)));
    expect(ids).toEqual(order);
    expect((await page(randomUUID())).submissions).toEqual([]);
  });

  it('come in one order also when they began in the same millisecond', async () => {
    const project = randomUUID();
    const ids = await begun(project, 9);
    const key = projectKeys(project).submissions;
    await scene.redis.zadd(key, ...ids.flatMap((id) => [1_000, id]));
    for (const limit of [1, 2, 5]) expect(await allOf(project, { limit })).toEqual(ids.toSorted().reverse());
  });

  it('are filtered by state, and plans are not among them', async () => {
    const project = randomUUID();
    const [stopped = '', planning = ''] = await begun(project, 2);
    await scene.begin({ project, kind: 'plan' });
    await scene.redis.hset(submissionKeys(stopped).facts, 'state', 'stopped');
    const failed = (await begun(project, 1))[0] ?? '';
    await scene.redis.zadd(queueKey('dedup', 'failed'), Date.now(), `${failed}-dedup`);
    expect(await allOf(project, { state: 'stopped' })).toEqual([stopped]);
    expect(await allOf(project, { state: 'planning', limit: 1 })).toEqual([planning]);
    expect(await allOf(project, { state: 'failed' })).toEqual([failed]);
    expect(await allOf(project)).toHaveLength(3);
  });

  it('leave the list when nothing is kept of them any more', async () => {
    const project = randomUUID();
    const ids = await begun(project, 3);
    await scene.redis.del(submissionKeys(ids[1] ?? '').facts);
    expect(await allOf(project)).toHaveLength(2);
    expect(await expectedOrder(project)).not.toContain(ids[1]);
  });

  it('leave the list also when nobody looks at it', async () => {
    const project = randomUUID();
    const [first = ''] = await begun(project, 1);
    await scene.redis.del(submissionKeys(first).facts);
    const rest = await begun(project, 2);
    expect(new Set(await expectedOrder(project))).toEqual(new Set(rest));
  });

  it('are looked through in bounded time when few of them fit', async () => {
    const project = randomUUID();
    const gone = Array.from({ length: 2_500 }, () => randomUUID());
    const [last = ''] = await begun(project, 1);
    const key = projectKeys(project).submissions;
    await scene.redis.zadd(key, ...gone.flatMap((id, index) => [10 ** 13 + index, id]));
    const first = await page(project);
    expect(first).toMatchObject({ submissions: [], next: { atMs: 10 ** 13 + 500 } });
    expect(await allOf(project)).toEqual([last]);
  });
});
