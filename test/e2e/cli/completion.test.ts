/** What a real bash completes. */
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLI, type Home, openTerminal, ownHome } from '../../support/cli.ts';

let home: Home;

beforeAll(() => {
  home = ownHome();
  mkdirSync(join(home.directory, 'bin'));
  // As the image and `npm link` do it.
  symlinkSync(CLI, join(home.directory, 'bin', 'tasker'));
  writeFileSync(join(home.directory, 'targets.txt'), '8.8.8.8\n');
});

afterAll(() => home?.drop());

/** What bash would offer for the line, as it is typed. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(' ');
  const script = `
    source <(tasker completion bash)
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
    _tasker
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...home.env, PATH: `${join(home.directory, 'bin')}:${home.env.PATH}` };
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], { env, cwd: home.directory });
  return stdout.split('\n').filter(Boolean);
}

it.each([
  ['tasker pa', ['pause']],
  ['tasker re', ['resume', 'retry-failed', 'retry-stages', 'receipt']],
  ['tasker exclude ', ['add', 'list', 'end']],
  ['tasker exclude add --un', ['--until']],
  ['tasker --project exclude exc', ['exclude']],
  ['tasker plan --mode ', ['insert', 'replace', 'update', 'append']],
  ['tasker list --state f', ['finished', 'failed']],
  ['tasker watch --js', ['--json']],
  ['tasker completion ', ['bash', 'zsh', 'fish']],
  ['tasker plan --profile ', []],
  ['tasker __', []],
])('%s', async (line, words) => expect(await offered(line)).toEqual(words));

it('Tab completes commands, and files where files are meant', async () => {
  const line = `PATH=${join(home.directory, 'bin')}:$PATH HISTFILE= exec bash --norc -i`;
  const { see, type, close } = await openTerminal(home, line);
  try {
    await see(/[$#]$/);
    await type('source <(tasker completion bash)', 'Enter', 'clear', 'Enter');
    await see(/^\S+[$#]$/);
    await type('tasker prio', 'Tab', 'x');
    await see(/tasker priority x$/);
    await type('C-u', 'tasker plan targ', 'Tab');
    await see(/tasker plan targets\.txt$/);
  } finally {
    await close();
  }
});
