/** Submissions and their targets as a caller sees them, with a real Tasker process and a real Celery worker. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CeleryWorker, startCeleryWorker } from '../support/celeryWorker/celeryWorker.ts';
import { eventually, services } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;
let worker: CeleryWorker;

beforeAll(async () => {
  installation = await ownInstallation();
  const { vhost, db } = installation;
  worker = await startCeleryWorker({ ...services(), vhost, db, hostname: 'scan-1', scanSeconds: 1 });
  tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: '1' });
});

afterAll(async () => {
  await tasker?.stop();
  await worker?.stop();
  await installation?.drop();
});

interface Target {
  target: string;
  state: string;
  reason: string | null;
  task_id: string | null;
}

async function targets(path: string, query = ''): Promise<Target[]> {
  const found: Target[] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await tasker.get(`${path}/targets?limit=1000${query}${cursor}`);
    expect(status).toBe(200);
    found.push(...body.targets);
    if (body.next === null) return found;
    cursor = `&cursor=${body.next}`;
  }
}

async function stream(path: string, accept: string) {
  const headers = { authorization: `Bearer ${TOKEN}`, accept };
  const response = await fetch(`${tasker.url}${path}/targets`, { headers });
  return { type: response.headers.get('content-type'), text: await response.text() };
}

const numbers = (found: readonly Target[]) => {
  const byState: Record<string, number> = {};
  for (const { state } of found) byState[state] = (byState[state] ?? 0) + 1;
  return byState;
};

describe('a scan that is looked at while it goes', () => {
  it('shows every state of its targets, and numbers that agree', async () => {
    const project = randomUUID();
    const { body } = await tasker.post(
      `/tasks/${project}/run-nmap`,
      scan(['11.0.0.0/21', '10.0.0.1', '11.0.8.1'], { exclude: ['11.0.8.1'] }),
    );
    const path = body.submission.href;
    const done = await eventually('one is done and one runs', async () => {
      const found = await targets(path, '&state=done');
      const running = await targets(path, '&state=running');
      return found.length > 0 && running.length === 1 && found;
    });
    const ended = (await installation.redis.lrange('test:ended', 0, -1)).map((text) => JSON.parse(text).id);
    expect(done.map(({ task_id }) => task_id)).toSatisfy((ids: string[]) =>
      ids.every((id) => ended.includes(id)),
    );

    const all = await eventually('every state at once', async () => {
      const found = await targets(path);
      const { running, queued = 0 } = numbers(found);
      return running === 1 && queued > 0 && found;
    });
    expect(all).toHaveLength(2_048);
    const byState = numbers(all);
    expect(Object.keys(byState).sort()).toEqual(['done', 'queued', 'refused', 'running', 'waiting']);
    expect(byState.refused).toBe(2);
    expect(byState.waiting).toBeGreaterThan(0);
    expect(all.slice(-2).map(({ target, reason }) => `${target} ${reason}`)).toEqual([
      '11.0.8.1 forbidden',
      '10.0.0.1 private_ip',
    ]);

    const { body: details } = await tasker.get(path);
    expect(details).toMatchObject({
      state: 'dispatching',
      user: { username: 'admin' },
      options: { exclude: ['11.0.8.1'], mode: 'append', timeout: 60 },
      times: { first_sent_at: expect.stringMatching(/Z$/), ended_at: null },
      progress: { total: 2_046, dropped: 0, stopped: 0 },
    });
    expect(details.progress.done).toBeGreaterThan(0);
    expect(details.progress.done + details.progress.remaining).toBe(2_046);
    const stages = details.stages.map(({ stage, state }: Record<string, string>) => `${stage} ${state}`);
    expect(stages).toEqual([
      ...['expand done', 'resolve done', 'dedup done', 'split done', 'publish active', 'submission waiting'],
    ]);
    const list = await tasker.get(`/tasks/${project}/submissions?state=dispatching`);
    expect(list.body).toMatchObject({ submissions: [{ id: details.id, total: 2_046 }], next: null });

    const csv = await stream(path, 'text/csv');
    expect(csv.type).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')).toHaveLength(2_050);
    const ndjson = await stream(path, 'application/x-ndjson');
    const lines = ndjson.text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).target)).toEqual(all.map(({ target }) => target));

    const rated = await eventually('there is a rate', async () => (await tasker.get(path)).body.estimate);
    expect(rated.rate_per_s).toBeGreaterThan(0);
    expect(Date.parse(rated.ends_at)).toBeGreaterThan(Date.now());

    const other = path.replace(project, randomUUID());
    expect((await tasker.get(other)).status).toBe(404);
    expect((await tasker.get(`${other}/targets`)).status).toBe(404);
    expect((await tasker.get(`${path}/targets?limit=1001`)).body.detail[0].loc).toEqual(['query', 'limit']);

    expect((await tasker.get(`/tasks/${project}/stop-nmap`)).body.status).toBe('stopped');
    const after = numbers(await targets(path));
    expect(Object.keys(after).sort()).toEqual(['done', 'refused', 'stopped']);
    const stopped = (await tasker.get(path)).body;
    expect(stopped).toMatchObject({ state: 'stopped', estimate: null });
    expect(stopped.times.ended_at).toMatch(/Z$/);
    const { done: doneInAll, stopped: takenBack } = after;
    expect(stopped.progress).toMatchObject({ done: doneInAll, stopped: takenBack, remaining: 0 });
  });
});
