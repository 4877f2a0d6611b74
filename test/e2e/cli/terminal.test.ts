/** The command line as it is seen on a terminal: live bars, questions, colours, Ctrl-C. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CLI, type Home, openTerminal, ownHome, type Terminal } from '../../support/cli.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let installation: Installation;
let tasker: Tasker;
let worker: ReturnType<typeof spawn>;
let home: Home;
let terminal: Terminal | undefined;

beforeAll(async () => {
  installation = await ownInstallation();
  worker = spawn(process.execPath, ['--import', 'tsx', 'tools/simulatedWorker.ts'], {
    env: { ...process.env, ...installation.env, WORKER_HOSTNAME: 'worker-1', SCAN_MS: '500' },
    cwd: ROOT,
    stdio: 'ignore',
  });
  tasker = await startTasker(installation.env);
});

beforeEach(() => {
  home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN, TASKER_PROJECT: randomUUID() });
});

afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  await home.run(['stop', '--yes']);
  home.drop();
});

afterAll(async () => {
  worker?.kill();
  await tasker?.stop();
  await installation?.drop();
});

async function run(command: string, size?: { columns?: number; rows?: number }): Promise<Terminal> {
  terminal = await openTerminal(home, command, size);
  return terminal;
}

/** The scan's numbers are there once each: nothing that was drawn before is left over. */
function expectOneView(screen: string): void {
  for (const word of ['done', 'running', 'ready', 'waiting', 'refused', 'failed'])
    expect({ word, screen, times: screen.match(new RegExp(`\\S ${word} \\d`, 'g'))?.length }).toMatchObject({
      times: 1,
    });
}

it('a scan is watched in place, until it is finished', async () => {
  const { see } = await run('tasker run 8.8.8.0/29 10.0.0.1 -p 80 --watch');
  expectOneView(await see(/done \d/));
  const last = await see(/\[exit 0\]/);
  expectOneView(last);
  expect(last).toMatch(/finished +priority 3[\s\S]*100 %\n█ done 6 .*refused 1/);
});

it('the view fits into a narrow terminal, and into one that changes its width', async () => {
  const { see, resize } = await run('tasker run 8.8.8.0/24 -p 80 --watch', { columns: 26 });
  const narrow = await see(/done ([2-9]|\d\d)/);
  expectOneView(narrow);
  for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(26);
  await resize(70);
  expectOneView(await see(/done \d+ {2}× failed 0 {2}▓ running \d/));
  await resize(20);
  expectOneView(await see(/█ done \d+\n× failed 0\n/));
});

it('Ctrl-C ends the watching, not the scan, and says so', async () => {
  const { see, type } = await run('tasker run 8.8.8.0/24 -p 80 --watch');
  await see(/running 1/);
  await type('C-c');
  await see(/no longer watched, and the scan goes on: tasker watch[\s\S]*\[exit 130\]/);
  const { stdout } = await home.run(['list', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ finished_at: null });
});

it('a stop says what it will do and asks; anything but yes leaves all as it is', async () => {
  await home.run(['pause', '--whole-project']);
  await home.run(['run', '8.8.8.0/28', '-p', '80']);
  const { see, type, close } = await run('tasker stop');
  await see(
    /this stops 1 scan of project[\s\S]*14 targets are taken back, 0 of them run now[\s\S]*Stop them\?/,
  );
  await type('n', 'Enter');
  await see(/nothing was stopped[\s\S]*\[exit 130\]/);
  await close();
  const again = await run('tasker stop');
  await again.see(/Stop them\?/);
  await again.type('yes', 'Enter');
  await again.see(/stopped: 14 tasks taken back\n\[exit 0\]/);
});

it('tasker login asks for a token that is never shown, and keeps it where only its owner may read', async () => {
  home = ownHome();
  const { see, type } = await run('tasker login; tasker workers');
  await see(/URL \[http:\/\/127\.0\.0\.1:8001\]:$/);
  await type(tasker.url, 'Enter');
  await see(/Token \(it is not shown\):$/);
  await type(TOKEN, 'Enter');
  const screen = await see(/stored in .*tasker\.json[\s\S]*\[exit 0\]/);
  expect(screen).not.toContain(TOKEN);
  expect(screen).not.toContain('***');
  const path = join(home.directory, '.config', 'tasker.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ url: tasker.url, token: TOKEN });
});

it('there are colours on a terminal, but not with NO_COLOR, --no-color or --json', async () => {
  await home.run(['pause', '--whole-project']);
  await home.run(['run', '8.8.8.8', '-p', '80']);
  const coloured = async (command: string) => {
    const { see, close } = await run(`${command} > colours; script -qec "${command}" terminal >/dev/null`);
    await see(/\[exit 0\]/);
    await close();
    terminal = undefined;
    const has = (name: string) => readFileSync(join(home.directory, name), 'utf8').includes('\u001b[33m');
    return { piped: has('colours'), terminal: has('terminal') };
  };
  const list = `${process.execPath} ${CLI} list`;
  expect(await coloured(list)).toEqual({ piped: false, terminal: true });
  expect(await coloured(`env NO_COLOR=1 ${list}`)).toEqual({ piped: false, terminal: false });
  expect(await coloured(`${list} --no-color`)).toEqual({ piped: false, terminal: false });
  expect(await coloured(`${list} --json`)).toEqual({ piped: false, terminal: false });
});
