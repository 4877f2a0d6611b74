/** What real shells complete. */
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, type Home, openTerminal, ownHome, type Terminal } from '../../support/cli.ts';
import { eventually } from '../../support/services.ts';

let home: Home;
let bin: string;

beforeAll(() => {
  home = ownHome();
  bin = join(home.directory, 'bin');
  mkdirSync(bin);
  // As the image and `npm link` do it.
  symlinkSync(CLI, join(bin, 'tasker'));
  writeFileSync(join(home.directory, 'targets.txt'), '8.8.8.8\n');
});

afterAll(() => home?.drop());

/** What stands at the end of a line, and what is offered for it. */
const OFFERS: readonly [line: string, words: string[]][] = [
  ['tasker pa', ['pause']],
  ['tasker re', ['ready', 'receipt', 'resume', 'retry-failed', 'retry-stages']],
  ['tasker exclude add --un', ['--until']],
  ['tasker --project exclude exc', ['exclude']],
  ['tasker audit --event plan.', ['plan.asked', 'plan.deleted', 'plan.run']],
  ['tasker plan --mode ', ['append', 'insert', 'replace', 'update']],
  ['tasker list --state f', ['failed', 'finished']],
  ['tasker watch --js', ['--json']],
  ['tasker completion ', ['bash', 'fish', 'zsh']],
  ['tasker plan --profile ta', ['targets.txt']],
  ['tasker plan ta', ['targets.txt']],
  ['tasker __', []],
];

async function written(program: string, ...args: string[]): Promise<string> {
  const env = { ...home.env, PATH: `${bin}:${home.env.PATH}` };
  return (await promisify(execFile)(program, args, { env, cwd: home.directory })).stdout;
}

const linesOf = (text: string) => text.split('\n').filter(Boolean).sort();

describe('bash', () => {
  it.each(OFFERS)('%s', async (line, words) => {
    const typed = line.split(' ');
    const script = `
      source <(tasker completion bash)
      COMP_WORDS=(${typed.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${typed.length - 1}
      _tasker
      (( \${#COMPREPLY[@]} )) || COMPREPLY=($(compgen -f -- '${typed.at(-1)}' || true))
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(linesOf(await written('bash', '-euc', script))).toEqual(words);
  });

  it('Tab completes commands, and files where files are meant', async () => {
    const { see, type, close } = await shell('HISTFILE= exec bash --norc -i', /[$#]$/);
    try {
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
});

describe('fish', () => {
  it.each(OFFERS)('%s', async (line, words) => {
    const script = `tasker completion fish | source; complete -C '${line}'`;
    const offers = linesOf(await written('fish', '--no-config', '-c', script));
    expect(offers.map((offer) => offer.split('\t')[0])).toEqual(words);
  });

  it('finds the script among its files', async () => {
    const completions = join(home.directory, '.config', 'fish', 'completions');
    mkdirSync(completions, { recursive: true });
    const script = await written(join(bin, 'tasker'), 'completion', 'fish');
    writeFileSync(join(completions, 'tasker.fish'), script);
    expect(await written('fish', '-c', "complete -C 'tasker prio'")).toMatch(/^priority\t/);
  });

  it('tells what a word means', async () => {
    const script = "tasker completion fish | source; complete -C 'tasker pri'";
    expect(await written('fish', '--no-config', '-c', script)).toBe(
      'priority\tlets a scan go first, or last\n',
    );
  });
});

describe('zsh', () => {
  let terminal: Terminal;

  beforeAll(async () => {
    terminal = await shell('exec zsh -f -i', /%$|#$/);
    await terminal.type("PS1='> '; autoload -Uz compinit && compinit -D -u", 'Enter');
    await terminal.type('source <(tasker completion zsh)', 'Enter', 'C-l');
    await terminal.see(/^>$/);
  });

  afterAll(() => terminal?.close());

  /** What Tab puts into the line, or lists below it. */
  async function offered(line: string): Promise<string[]> {
    const [shown = '', ...listed] = (await terminal.screen()).split('\n');
    const added = shown.slice('> '.length).split(' ');
    if (listed.length === 0) return shown === `> ${line}`.trimEnd() ? [] : added.slice(-1);
    return listed.flatMap((row) => row.split(/ +-- /)[0]?.split(/ +/) ?? []).sort();
  }

  it.each(OFFERS)('%s', async (line, words) => {
    await terminal.type('C-u', 'C-l');
    await terminal.see(/^>$/);
    // The last key shows that Tab was looked at, also when it changed nothing.
    await terminal.type(line, 'Tab', ...(words.length === 0 ? ['x'] : []));
    if (words.length === 0) await terminal.see(new RegExp(`^> ${line}x$`));
    else await eventually(`zsh offers ${words}`, async () => String(await offered(line)) === String(words));
  });

  it('takes the script from a file of fpath, too', async () => {
    writeFileSync(join(home.directory, '_tasker'), await written(join(bin, 'tasker'), 'completion', 'zsh'));
    const { see, type, close } = await shell('exec zsh -f -i', /%$|#$/);
    try {
      await type("PS1='> '; fpath=(~ $fpath); autoload -Uz compinit && compinit -D -u", 'Enter', 'C-l');
      await see(/^>$/);
      await type('tasker pri', 'Tab', 'x');
      await see(/^> tasker priority x$/);
    } finally {
      await close();
    }
  });
});

/** A terminal in which this shell waits for its first command. */
async function shell(command: string, prompt: RegExp): Promise<Terminal> {
  const terminal = await openTerminal(home, `PATH=${bin}:$PATH ${command}`);
  await terminal.see(prompt);
  return terminal;
}
