/** Long lists are written piece by piece: whatever is run twice or given up, what counts is whole, and no piece stays. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { readChunked } from '../../../src/adapters/redis/chunkedValue.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { count } from '../../../src/targets/sets/addressSet.ts';
import { partKey, submissionPattern } from '../../support/ownKeys.ts';
import { OPTIONS, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const ADDRESSES = 100_000;
/** Every second address: no two make a range. */
const ENTRIES = Array.from({ length: ADDRESSES }, (_, index) => {
  const host = 2 * index;
  return `11.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
}).join('\n');

const resolver = createResolver({ servers: ['127.0.0.1:9'] });
let scene: StageScene;
beforeAll(async () => {
  scene = await stageScene(resolver);
});
afterAll(async () => {
  resolver.close();
  await scene?.close();
});

/** Keys of pieces that nobody has made count. */
const pieces = async () =>
  (await scene.redis.keys(submissionPattern())).filter((key) => /:(entries|expanded|accepted):./.test(key));
const textAt = (id: string, name: string) => readChunked(scene.redis, partKey(id, name));

it('long entries are kept whole, begun twice and joined by others', async () => {
  const submission = { entries: Buffer.from(ENTRIES), options: OPTIONS };
  const id = await scene.begin(submission);
  const again = {
    kind: 'scan',
    project: crypto.randomUUID(),
    user: { id: 'u', username: 'u' },
    provided: 1,
  } as const;
  const request = { ...again, ...submission, duplicatesRemoved: 0, names: 0 };
  const { submissions } = scene.context;
  expect(await submissions.begin('first', request, 'hash')).toBe('first');
  expect(await submissions.begin('first', request, 'hash')).toBe('first');
  expect(await submissions.begin('second', request, 'hash')).toBe('first');
  expect(await textAt('first', 'entries')).toBe(ENTRIES);
  expect(await textAt('second', 'entries')).toBe('');
  expect(await textAt(id, 'entries')).toBe(ENTRIES);
  expect(await pieces()).toEqual([]);
});

it('long sets are kept whole, by stages that run twice at the same time', async () => {
  const { context, redis } = scene;
  const id = await scene.begin({ entries: Buffer.from(ENTRIES) });
  await Promise.all([
    runStage(expand, { submission: id }, context),
    runStage(expand, { submission: id }, context),
  ]);
  const expanded = await textAt(id, 'expanded');
  await Promise.all([
    runStage(dedup, { submission: id }, context),
    runStage(dedup, { submission: id }, context),
  ]);
  expect(Number(count(await context.batches.accepted(id)))).toBe(ADDRESSES);
  expect(await textAt(id, 'accepted')).toBe(expanded);
  for (const name of ['accepted', 'expanded']) expect(await redis.ttl(partKey(id, name))).toBe(-1);
  expect(await pieces()).toEqual([]);
});
