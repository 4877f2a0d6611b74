/** What has happened, who did it, and who is told. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Home, openTerminal, ownHome, speaking, type Terminal } from '../../support/cli.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;
let home: Home;
let project: string;
let terminal: Terminal | undefined;
const { said, json } = speaking(() => home);

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, WEBHOOK_ALLOW_PRIVATE: 'true' });
});

beforeEach(() => {
  project = randomUUID();
  home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN, TASKER_PROJECT: project });
});

afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  home.drop();
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

it('the audit trail is told in lines, by what was done, by whom, when and about what', async () => {
  expect(await said('audit')).toBe('no entries\n');
  await said('pause --whole-project');
  const [{ submission }] = await json('run 8.8.8.8 -p 80');
  await said('exclude add 8.8.4.4 --why annex');
  const [head, ...rows] = (await said('audit')).trimEnd().split('\n');
  expect(head).toMatch(/^when +what +by +from$/);
  expect(rows.map((row) => row.split(/ {2,}/).slice(1, 4))).toEqual([
    ['exclusions.added', 'admin', '127.0.0.1'],
    ['submission.begun', 'admin', '127.0.0.1'],
    ['project.paused', 'admin', '127.0.0.1'],
  ]);
  expect(rows[0]).toMatch(/8\.8\.4\.4/);
  const events = async (filter: string) => (await json(`audit ${filter}`)).map(({ event }) => event);
  expect(await events('--event project.paused')).toEqual(['project.paused']);
  expect(await events(`--scan ${submission.id}`)).toEqual(['submission.begun']);
  expect(await events('--user admin -n 2')).toEqual(['exclusions.added', 'submission.begun']);
  expect(await events('--user nobody')).toEqual([]);
  expect(await events('--from 9.9.9.9')).toEqual([]);
  const [{ at }] = await json('audit --event submission.begun');
  expect(await events(`--since ${at}`)).toEqual(['exclusions.added', 'submission.begun']);
  const [last] = await json('audit -n 1');
  const before = new Date(Date.parse(last.at) - 1).toISOString();
  expect(await events(`--until ${before}`)).toEqual(['submission.begun', 'project.paused']);
  const wrong = await home.run(['audit', '--event', 'project.slept']);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('project.paused') });
});

it('the audit trail of all projects has their ids, and goes on over its pages', async () => {
  for (let index = 0; index < 60; index += 1) {
    await tasker.post(`/tasks/${project}/pause`, {});
    await tasker.post(`/tasks/${project}/resume`, {});
  }
  const other = randomUUID();
  await said(`pause --whole-project --project ${other}`);
  expect(await json('audit --all')).toHaveLength(120);
  expect(await json('audit')).toHaveLength(20);
  const lines = (await said('audit -n 110')).trimEnd().split('\n');
  expect(lines).toHaveLength(111);
  expect(lines.filter((line) => line.startsWith('when'))).toHaveLength(1);
  const [first, second] = await json('audit --all-projects -n 2');
  expect([first.project, second.project]).toEqual([other, project]);
  expect(await said('audit --all-projects -n 1')).toMatch(
    new RegExp(`project\\n.* project\\.paused .* ${other}`),
  );
});

it('a long line of the trail is cut at the width of the terminal', async () => {
  await said(`exclude add 8.8.4.4 --why ${'annex'.repeat(30)}`);
  terminal = await openTerminal(home, 'tasker audit');
  const screen = await terminal.see(/\[exit 0\]$/);
  const lines = screen.split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}exclusions\.added {2}admin {2}127\.0\.0\.1 .*…$/,
  );
});

it('events are told oldest first, go on behind one, and are followed until Ctrl-C', async () => {
  await said('pause --whole-project');
  const { stdout, stderr } = await home.run(['events']);
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}scan\.paused {2}by admin; what project\n$/);
  const [, next = ''] = /^what comes later: tasker events --after (\S+)\n$/.exec(stderr) ?? [];
  expect(await json(`events --after ${next}`)).toEqual([]);
  terminal = await openTerminal(home, `tasker events --after ${next} --follow`);
  await said('resume --whole-project');
  const screen = await terminal.see(/scan\.resumed/);
  expect(screen).not.toContain('scan.paused');
  await said('pause --whole-project --why lunch');
  await terminal.see(/scan\.resumed[^\n]*\n[^\n]*scan\.paused {2}by admin; what project; why lunch/);
  await terminal.type('C-c');
  await terminal.see(/what comes later: tasker events --after \S+\n\[exit 130\]/);
});

it('webhooks are set one by one, listed and ended', async () => {
  expect(await said('webhooks list')).toBe('nobody is told: tasker webhooks set URL\n');
  const [ops, chat] = ['https://127.0.0.1:9/tasker', 'https://127.0.0.1:9/hooks/x1'];
  const set = await said(`webhooks set ${ops} --event scan.finished --event scan.failed`);
  expect(set).toMatch(/^\S+ is told of scan\.finished, scan\.failed\ncalls are signed .*: whsec_\S+\n$/);
  await said(`webhooks set ${chat} --format slack`);
  expect(await said(`webhooks set ${ops} --event target.dead`)).toBe(`${ops} is told of target.dead\n`);
  const listed = await json('webhooks list');
  expect(listed).toMatchObject([
    { url: chat, format: 'slack', events: expect.arrayContaining(['scan.planned', 'worker.gone']) },
    { url: ops, format: 'standard', events: ['target.dead'] },
  ]);
  expect(await said('webhooks list')).toMatch(
    /^https\S+tasker +standard +admin +not called yet +target\.dead$/m,
  );
  const unknown = await home.run(['webhooks', 'end', 'https://127.0.0.1:9/none', ops]);
  expect(unknown).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('not there: https://127.0.0.1:9/none'),
  });
  expect(await said(`webhooks end ${ops}`)).toBe('ended 1\n');
  expect(await json('webhooks list')).toEqual([expect.objectContaining({ id: listed[0].id, url: chat })]);
  expect(await home.run(['webhooks', 'end'])).toMatchObject({ code: 2 });
  expect(await said('webhooks end --all')).toBe('ended 1\n');
  expect(await json('webhooks list')).toEqual([]);
});
