import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SUBMISSION_CHANNEL } from '../../../src/adapters/redis/keys.ts';
import { flowFrom } from '../../../src/flows/tree.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { RetryLaterError } from '../../../src/jobs/runner/stage.ts';
import { ScopeChangedError, ScopeError, ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { type RedisServer, startRedis } from '../../../tools/services/redis.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

/** Runs a flow whose dedup fails with these first, and gives how often it was begun and which tries count. */
async function throughFailures(errors: readonly unknown[]) {
  const left = [...errors];
  scene.runJobs({
    dedup: {
      run: async (ref, context) => {
        if (left.length > 0) throw left.shift();
        return dedup.run(ref, context);
      },
    },
  });
  const id = await scene.submit();
  await scene.untilState(id, 'done');
  const job = await scene.queues.dedup.getJob(`${id}-dedup`);
  return { begun: job?.attemptsStarted, tries: job?.attemptsMade };
}

describe('a stage that Redis is in the way of', () => {
  it('is tried as often as it takes when Redis is full, alone or in a transaction', async () => {
    const errors = await refusalsOfAFullRedis();
    expect(errors.map((error) => String(error))).toEqual([
      expect.stringContaining('OOM'),
      expect.stringContaining('OOM'),
      expect.stringContaining('EXECABORT'),
    ]);
    const many = [...errors, ...errors];
    expect(many.length).toBeGreaterThan(dedup.attempts);
    expect(await throughFailures(many)).toEqual({ begun: many.length + 1, tries: 1 });
  }, 60_000);

  it('is tried as often as it takes when Redis is away', async () => {
    const errors = Array.from(
      { length: dedup.attempts + 1 },
      () => new ServiceUnavailableError('redis', 'no answer'),
    );
    expect(await throughFailures(errors)).toEqual({ begun: errors.length + 1, tries: 1 });
  }, 60_000);

  it('gives up when it is another service that is away, whatever its words', async () => {
    scene.runJobs({
      dedup: {
        run: async () => {
          throw new ServiceUnavailableError('ledger', 'connect ECONNREFUSED 127.0.0.1:1');
        },
      },
    });
    const id = await scene.submit();
    const { failure } = await scene.untilState(id, 'failed');
    expect(failure).toMatchObject({ stage: 'dedup', byScope: false });
  });

  it('is set aside alone while others of its queue go on', async () => {
    let refused = '';
    scene.runJobs({
      dedup: {
        run: async (ref, context) => {
          if (ref.submission === refused) throw new RetryLaterError('not this one', 100, 'job');
          return dedup.run(ref, context);
        },
      },
    });
    refused = await scene.stages.begin();
    await scene.producer.add(flowFrom('expand', refused));
    const other = await scene.submit();
    await scene.untilState(other, 'done');
    expect((await scene.progress(refused)).state).toBe('planning');
  });
});

describe('a stage that gives up', () => {
  it('says that the scope rules are why, and no second look is needed to know it', async () => {
    let fails = true;
    scene.runJobs({
      dedup: {
        run: async (ref, context) => {
          if (fails) throw new ScopeError('an excluded name does not resolve');
          return dedup.run(ref, context);
        },
      },
    });
    const id = await scene.submit();
    const { failure } = await scene.untilState(id, 'failed');
    expect(failure).toEqual({ stage: 'dedup', reason: 'an excluded name does not resolve', byScope: true });

    // Whoever retries it on the board ends the failure, with nothing left behind.
    fails = false;
    const job = await scene.queues.dedup.getJob(`${id}-dedup`);
    await job?.retry();
    expect((await scene.untilState(id, 'done')).failure).toBeUndefined();
  });

  it('says that the rules have changed since the plan, which the scope rules are also the reason of', async () => {
    scene.runJobs({
      dedup: {
        run: async () => {
          throw new ScopeChangedError('the scope rules have changed');
        },
      },
    });
    const { failure } = await scene.untilState(await scene.submit(), 'failed');
    expect(failure).toMatchObject({ stage: 'dedup', byScope: true, scopeChanged: true });
  });

  it('is announced when it can be seen', async () => {
    const heard: string[] = [];
    const listener = scene.redis.duplicate();
    await listener.subscribe(SUBMISSION_CHANNEL);
    listener.on('message', (_channel, message: string) => heard.push(message));
    scene.runJobs({
      dedup: {
        run: async () => {
          throw new ScopeError('no');
        },
      },
    });
    const id = await scene.submit();
    await eventually('it is heard', () => heard.includes(`failed ${id}`));
    expect((await scene.progress(id)).state).toBe('failed');
    listener.disconnect();
  });
});

/** What commands, scripts and transactions get when there is no memory left. */
async function refusalsOfAFullRedis(): Promise<unknown[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tasker-full-'));
  const server: RedisServer = await startRedis({ directory });
  const redis = new Redis({ host: server.host, port: server.port });
  try {
    await redis.config('SET', 'maxmemory', '1');
    const calls = [
      () => redis.set('a', 'b'),
      () => redis.eval("redis.call('SET', 'a', 'b')", 0),
      () => redis.multi().set('a', 'b').exec(),
    ];
    return await Promise.all(
      calls.map((call) =>
        call().then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
  } finally {
    redis.disconnect();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
