import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/adapters/audit/entry.ts';
import { OPEN_KEY, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { resume, retryStages } from '../../../src/flows/resume.ts';
import { runPlan } from '../../../src/flows/submit.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { PermanentError } from '../../../src/runtime/errors.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { queueKey } from '../../support/ownKeys.ts';
import { queueDepth, takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

/** As if it had begun a minute ago. */
async function aMinuteOld(id: string): Promise<void> {
  const createdAt = new Date(Date.now() - 60_000).toISOString();
  await scene.redis.hset(submissionKeys(id).facts, 'created_at', createdAt);
}

/** What a process leaves that is killed between storing the submission and adding its flow. */
async function leftBehind(more: Parameters<typeof scene.submit>[0] = {}): Promise<string> {
  const id = await scene.stages.begin(more);
  await aMinuteOld(id);
  return id;
}

async function deleteAllJobs(): Promise<void> {
  const keys = await scene.redis.keys(queueKey('*'));
  if (keys.length > 0) await scene.redis.del(...keys);
}

const hasRoot = async (id: string) =>
  (await scene.queues.submission.getJob(`${id}-submission`)) !== undefined;
const openOnes = () => scene.redis.hkeys(OPEN_KEY);

describe('a submission without a flow', () => {
  it('gets it, goes its way to the end, and is not looked after any more', async () => {
    const id = await leftBehind({ entries: '11.1.0.0/28' });
    scene.runJobs();
    await scene.resumeFlows();
    await scene.untilState(id, 'done');
    expect(await takeTasks(scene.stages.vhost)).toHaveLength(14);
    expect(await openOnes()).toEqual([]);
  });

  it('gets it also when it is a plan, or runs one', async () => {
    scene.runJobs();
    const project = randomUUID();
    const plan = await leftBehind({ kind: 'plan', project, entries: '11.2.0.0/28' });
    await scene.resumeFlows();
    await scene.untilState(plan, 'done');

    const user = { id: randomUUID(), username: 'ann' };
    const id = randomUUID();
    await scene.stages.context.submissions.beginPlanned(id, { plan, project, user });
    await aMinuteOld(id);
    await scene.resumeFlows();
    expect(await scene.untilState(id, 'done')).toMatchObject({ total: 14, sent: 14 });
    expect(await openOnes()).toEqual([]);
  });

  it('is left alone in its first seconds, once it is stopped, and while it has one', async () => {
    const young = await scene.stages.begin();
    const project = randomUUID();
    const stopped = await leftBehind({ project });
    await scene.stores.projects.stopProject(project);
    const waiting = await scene.submit();
    await aMinuteOld(waiting);
    await scene.resumeFlows();
    expect(await hasRoot(young)).toBe(false);
    expect(await hasRoot(stopped)).toBe(false);
    expect(scene.lines.join('')).not.toContain('no flow');
  });

  it('is forgotten when nothing is kept of it', async () => {
    const id = await leftBehind();
    await scene.redis.del(submissionKeys(id).facts);
    await resume(id, scene.services);
    expect(await hasRoot(id)).toBe(false);
    await scene.resumeFlows();
    expect(await openOnes()).toEqual([]);
    expect(await hasRoot(id)).toBe(false);
  });

  it.each(['the chore', 'somebody who runs its plan again'])(
    'goes on sending where it was, and nothing twice, when its jobs were deleted: by %s',
    async (by) => {
      const project = randomUUID();
      const user = { id: randomUUID(), username: 'ann' };
      const plan = await scene.submit({ kind: 'plan', project, entries: '11.4.0.0/20' });
      const first = scene.runJobs({}, 600);
      await scene.untilState(plan, 'done');
      const begun = await runPlan({ plan, project, user }, scene.services);
      const id = begun?.id ?? '';
      await eventually('the window is full', async () => (await queueDepth(scene.stages.vhost)) >= 600);
      await first.close();
      await deleteAllJobs();
      await aMinuteOld(id);
      expect((await scene.progress(id)).state).toBe('dispatching');

      if (by === 'the chore') await scene.resumeFlows();
      else await runPlan({ plan, project, user }, scene.services);
      scene.runJobs();
      expect(await scene.untilState(id, 'done')).toMatchObject({ total: 4_094, sent: 4_094 });
      const tasks = await takeTasks(scene.stages.vhost);
      expect(tasks).toHaveLength(4_094);
      expect(new Set(tasks.map(({ task }) => task.ip)).size).toBe(4_094);
    },
    60_000,
  );
});

describe('a submission whose job gave up', () => {
  it('says why as long as the job has failed, is logged once, and is tried again by the same request', async () => {
    let mayPass = false;
    scene.runJobs({
      dedup: {
        run: async (ref, context) => {
          if (!mayPass) throw new PermanentError('the ledger refuses the token');
          return dedup.run(ref, context);
        },
      },
    });
    const id = await scene.submit();
    const { failure } = await scene.untilState(id, 'failed');
    expect(failure).toEqual({ stage: 'dedup', reason: 'the ledger refuses the token', byScope: false });
    await scene.resumeFlows();
    await scene.resumeFlows();
    const told = scene.lines.filter((line) => line.includes('submission waits for a retry'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ submission: id, stage: 'dedup' });

    mayPass = true;
    await resume(id, scene.services);
    await scene.untilState(id, 'done');
  });

  it('is tried again by who asks for it, which is noted, and nothing is noted when nothing gave up', async () => {
    let mayPass = false;
    scene.runJobs({
      dedup: {
        run: async (ref, context) => {
          if (!mayPass) throw new PermanentError('the ledger refuses the token');
          return dedup.run(ref, context);
        },
      },
    });
    const project = randomUUID();
    const id = await scene.submit({ project });
    await scene.untilState(id, 'failed');
    const entry: AuditEntry = {
      ...{ at: new Date().toISOString(), event: 'submission.retried', project, on: { submission: id } },
      ...{ user: null, from: null, request: null, before: null, after: null },
    };
    const note = { entry, keep: 10, lost: () => {} };
    expect(await retryStages({ project: randomUUID(), id }, scene.services, note)).toBe('unknown');
    mayPass = true;
    expect(await retryStages({ project, id }, scene.services, note)).toEqual(['dedup']);
    await scene.untilState(id, 'done');
    expect(await retryStages({ project, id }, scene.services, note)).toEqual([]);
    const { entries } = await scene.stores.trail.page(project, { limit: 10 });
    expect(entries.map(({ event }) => event)).toEqual(['submission.retried']);
  });

  it('is tried again by itself when redis had refused to note how the job ended', async () => {
    let times = 0;
    scene.runJobs({
      expand: {
        run: async (ref, context) => {
          times += 1;
          if (times === 1)
            throw new PermanentError("OOM command not allowed when used memory > 'maxmemory'.");
          return expand.run(ref, context);
        },
      },
    });
    const id = await scene.submit();
    await scene.untilState(id, 'failed');
    await scene.resumeFlows();
    await scene.untilState(id, 'done');
  });
});
