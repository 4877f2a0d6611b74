/** The sessions that the documents show are typed into a terminal, line by line, and give what is shown. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXIT } from '../../../src/cli/exitCodes.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { type Home, openTerminal, ownHome } from '../../support/cli.ts';
import { eventually } from '../../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DOCUMENTS = ['README.md', 'docs/cli.md'];
const textOf = (document: string) => readFileSync(join(ROOT, document), 'utf8');

interface Step {
  command: string;
  shown: string;
}

/** Each `$ command` of the blocks, with what comes after it. */
function sessionIn(document: string): Step[] {
  const blocks = [...textOf(document).matchAll(/^```console\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command = '', ...lines] = step.trimEnd().split('\n');
        return { command, shown: lines.join('\n') };
      }),
  );
}

const UUID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g;

/** What differs from run to run, as a word. */
function steady(text: string): string {
  return text
    .replaceAll(UUID, 'an id')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'a time')
    .replaceAll(/\d+ s ago/g, 'ago')
    .replaceAll(/ +$/gm, '');
}

let installation: Installation;
let tasker: Tasker;
let worker: ReturnType<typeof spawn>;

beforeAll(async () => {
  installation = await ownInstallation();
  worker = spawn(process.execPath, ['--import', 'tsx', 'tools/simulatedWorker.ts'], {
    env: { ...process.env, ...installation.env, WORKER_HOSTNAME: 'worker-1', SCAN_MS: '20' },
    cwd: ROOT,
    stdio: 'ignore',
  });
  tasker = await startTasker(installation.env);
  await eventually('the worker is known', async () => {
    const { body } = await tasker.get('/workers/ips');
    return body.workers['worker-1']?.ip.startsWith('203.');
  });
});

afterAll(async () => {
  worker?.kill();
  await tasker?.stop();
  await installation?.drop();
});

async function screenAfter(home: Home, command: string): Promise<{ screen: string; exit: string }> {
  const terminal = await openTerminal(home, command, { columns: 100, rows: 60 });
  try {
    const [screen = '', exit = ''] = (await terminal.see(/\[exit \d+\]$/)).split(/\n?\[exit (\d+)\]$/);
    return { screen, exit };
  } finally {
    await terminal.close();
  }
}

it.each(DOCUMENTS)('the session of %s is as it says', async (document) => {
  const steps = sessionIn(document);
  expect(steps.length).toBeGreaterThan(1);
  const home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN, TASKER_PROJECT: randomUUID() });
  const ids = new Map<string, string>();
  for (const { command, shown } of steps) {
    const [, file, content] = /^cat (\S+)$/.exec(command) ? [command, command.slice(4), shown] : [];
    if (file !== undefined) writeFileSync(join(home.directory, file), `${content}\n`);
    const real = command.replaceAll(UUID, (id) => ids.get(id) ?? id);
    const { screen } = await screenAfter(home, real);
    expect({ document, command, screen: steady(screen) }).toEqual({
      document,
      command,
      screen: steady(shown),
    });
    const found = screen.match(UUID) ?? [];
    for (const [index, id] of (shown.match(UUID) ?? []).entries()) ids.set(id, found[index] ?? id);
  }
  await home.run(['stop', '--yes']);
  home.drop();
});

it('docs/cli.md has every command, every exit code and every variable', () => {
  const text = textOf('docs/cli.md');
  const rows = Array.from(text.matchAll(/^\| `([a-z-]+(?: [a-z]+)?)[^`]*` +\|/gm), ([, name]) => name);
  const names = createProgram('').commands.flatMap((command) => {
    const children = command.commands.map((child) => `${command.name()} ${child.name()}`);
    return children.length > 0 ? children : [command.name()];
  });
  for (const name of names.filter((one) => one !== '__complete'))
    expect({ name, documented: rows.some((row) => row === name || row?.split(' ')[0] === name) }).toEqual({
      name,
      documented: true,
    });
  const codes = Array.from(text.matchAll(/^\| (\d+) +\|/gm), ([, code]) => Number(code));
  expect(codes).toEqual(Object.values(EXIT));
  for (const name of [
    'TASKER_URL',
    'TASKER_TOKEN',
    'TASKER_PROJECT',
    'TASKER_CA',
    'XDG_CONFIG_HOME',
    'NO_COLOR',
  ])
    expect(text).toContain(`\`${name}\``);
});
