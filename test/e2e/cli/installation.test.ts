/** What all projects share: who works, who waits, and what is in the way. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startRedis } from '../../../tools/services/redis.ts';
import { type Home, ownHome, speaking } from '../../support/cli.ts';
import { eventually } from '../../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;
let home: Home;
let project: string;
const { said, json } = speaking(() => home);

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker(installation.env);
});

beforeEach(() => {
  project = randomUUID();
  home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN, TASKER_PROJECT: project });
  return home.drop;
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

it('projects are listed, and the scans of all of them', async () => {
  await said('pause --whole-project');
  const [{ submission }] = await json('run 8.8.8.0/29 -p 80');
  const other = randomUUID();
  const [{ submission: later }] = await json(`run 8.8.4.0/29 -p 80 --project ${other}`);
  const table = await said('projects');
  expect(table).toMatch(/^id +name +open +kept +waiting +newest scan$/m);
  expect(table).toMatch(new RegExp(`^${project} +1 +1 +6 .* paused$`, 'm'));
  expect((await json('projects')).slice(0, 2).map(({ id }) => id)).toEqual([other, project]);
  const scans = await json('list --all-projects');
  expect(scans.slice(0, 2).map(({ id }) => id)).toEqual([later.id, submission.id]);
  expect(await said('list --all-projects --state paused')).toMatch(
    new RegExp(`^${submission.id}  ${project}  .* paused +0/6 +0 +3 +admin$`, 'm'),
  );
  expect((await json('list --all-projects --text 8.8.4.0')).map(({ id }) => id)).toEqual([later.id]);
  expect(await json('list --all-projects --user nobody')).toEqual([]);
  expect(await home.run(['list', '--user', 'admin'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--all-projects'),
  });
});

it('weight and limits of a project are shown, and set one by one', async () => {
  const without = 'weight       1\nat once      any number of tasks\nper network  any number of tasks\n';
  expect(await said('dispatch limits')).toBe(without);
  await said('dispatch set --weight 2.5');
  expect(await said('dispatch set --max-running 10 --per-network tasks=2,per_minute=30')).toBe(
    'weight       2.5\nat once      10 tasks\nper network  2 at once, 30 a minute (/24, /64)\n',
  );
  expect(await json('dispatch limits')).toEqual([
    { weight: 2.5, max_running: 10, per_network: { tasks: 2, per_minute: 30, v4: 24, v6: 64 } },
  ]);
  await said('dispatch set --max-running none --per-network none');
  expect(await said('dispatch set --weight 1')).toBe(without);
  for (const args of [[], ['--weight', 'much'], ['--per-network', 'two']])
    expect(await home.run(['dispatch', 'set', ...args])).toMatchObject({ code: 2, stdout: '' });
  expect(await home.run(['dispatch', 'set', '--weight', '1000'])).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('weight'),
  });
});

it('the dispatch tells what is sent, and how projects share the workers', async () => {
  await said('pause --whole-project');
  await said('dispatch set --weight 4');
  await said('run 8.8.8.0/29 -p 80');
  const shown = await said('dispatch show');
  expect(shown).toMatch(
    /^(window 1,000|no window yet), \d+ ready; 0 workers with 0 tasks, 0\/s\nproject +weight +now +last hour/,
  );
  expect(shown).toMatch(new RegExp(`^${project} +4 +0 % +0 % +6 +0`, 'm'));
  expect((await json('dispatch show'))[0].projects).toContainEqual(
    expect.objectContaining({ project, weight: 4 }),
  );
});

it('a link logs a browser in once', async () => {
  const { code, stdout, stderr } = await home.run(['console']);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^it logs in once, as you, until /),
  });
  const [, link = ''] = new RegExp(`^${tasker.url}/#login=([\\w-]+)\n$`).exec(stdout) ?? [];
  const login = () =>
    fetch(`${tasker.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: tasker.url },
      body: JSON.stringify({ code: link }),
    });
  expect((await login()).status).toBe(200);
  expect((await login()).status).toBe(401);
  expect((await json('console'))[0]).toMatchObject({
    link: expect.stringContaining(`${tasker.url}/#login=`),
  });
});

it('ready tells what answers; when something is missing that is needed, the exit code is 7', async () => {
  expect(await said('ready')).toMatch(/^service +state\nredis +ok$/m);
  await said('pause --everything --why lunch');
  // Asked once a second at most, however many ask.
  await eventually('the pause is told', async () =>
    /^everything is paused by admin since /m.test(await said('ready')),
  );
  await said('resume --everything');
  const redis = await startRedis({ directory: home.directory });
  const env = { ...installation.env, REDIS_HOST: redis.host, REDIS_PORT: String(redis.port), ROLE: 'api' };
  const lonely = await startTasker(env);
  try {
    await redis.kill();
    const args = ['ready', '--url', lonely.url];
    const failed = await eventually('Redis is missed', async () => {
      const ran = await home.run(args);
      return ran.code === 7 && ran;
    });
    expect(failed.stdout).toMatch(/^redis +away/m);
    expect(failed.stderr).toBe('tasker: Tasker lacks something that it needs\n');
    const { stdout } = await home.run([...args, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'away', services: { redis: { status: 'away' } } });
  } finally {
    await lonely.stop();
  }
});
