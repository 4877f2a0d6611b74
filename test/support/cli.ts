/** The built command line, as a script calls it and as somebody sees it on a terminal. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { eventually } from './services.ts';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

type Variables = Readonly<Record<string, string>>;

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A home directory of its own, so that nothing of the machine's user counts. */
export interface Home {
  directory: string;
  env: Variables;
  /** Runs it to its end; `stdin` is all that comes in. */
  run(args: readonly string[], given?: { stdin?: string; env?: Variables }): Promise<Ran>;
  drop(): void;
}

export function ownHome(variables: Variables = {}): Home {
  const directory = mkdtempSync(join(tmpdir(), 'tasker-cli-'));
  const env = { PATH: process.env.PATH ?? '', HOME: directory, ...variables };
  return {
    directory,
    env,
    async run(args, { stdin = '', env: more = {} } = {}) {
      const child = spawn(process.execPath, [CLI, ...args], { env: { ...env, ...more }, cwd: directory });
      // It may end before it has read all.
      child.stdin.on('error', () => {});
      child.stdin.end(stdin);
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { code: child.exitCode, stdout, stderr };
    },
    drop: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** For commands that have to end well. */
export function speaking(home: () => Home) {
  /** What it prints. */
  const said = async (args: string, stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await home().run(args.split(' '), stdin === undefined ? {} : { stdin });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    return stdout;
  };
  /** The same as JSON, by line. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; what they expect is what is checked
  const json = async (args: string, stdin?: string): Promise<any[]> =>
    (await said(`${args} --json`, stdin))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { said, json };
}

export interface Terminal {
  /** What is seen, without blank lines at the end. */
  screen(): Promise<string>;
  /** The same, as soon as it matches. */
  see(pattern: RegExp): Promise<string>;
  /** Text, or keys as tmux names them: `Enter`, `C-c`. */
  type(...keys: string[]): Promise<void>;
  resize(columns: number): Promise<void>;
  close(): Promise<void>;
}

/** A terminal in which a shell runs one command; `[exit N]` then tells how it ended. */
export async function openTerminal(
  { env, directory }: Home,
  command: string,
  { columns = 80, rows = 20 } = {},
): Promise<Terminal> {
  const socket = `tasker-test-${randomUUID()}`;
  const tmux = async (...args: string[]) =>
    (
      await promisify(execFile)('tmux', ['-u', '-L', socket, '-f', '/dev/null', ...args], {
        env: { ...env, LANG: 'C.UTF-8' },
      })
    ).stdout;
  const shell = `tasker() { ${process.execPath} ${CLI} "$@"; }; ${command}; echo "[exit $?]"; exec cat`;
  await tmux(
    'new-session',
    '-d',
    '-x',
    String(columns),
    '-y',
    String(rows),
    '-c',
    directory,
    `bash -c '${shell}'`,
  );
  const screen = async () => (await tmux('capture-pane', '-p')).trimEnd();
  return {
    screen,
    async see(pattern) {
      let last = '';
      return eventually(`the terminal shows ${pattern}`, async () => {
        last = await screen();
        return pattern.test(last) && last;
      }).catch((error: unknown) => {
        throw new Error(`${error}; it shows:\n${last}`);
      });
    },
    type: async (...keys) => void (await tmux('send-keys', ...keys)),
    resize: async (width) => void (await tmux('resize-window', '-x', String(width), '-y', String(rows))),
    close: async () => void (await tmux('kill-server')),
  };
}
