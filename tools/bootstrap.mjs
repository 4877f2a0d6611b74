// Runs a TypeScript tool, also in a fresh clone: `node tools/bootstrap.mjs tools/test.ts [arguments]`.
// Plain JavaScript without dependencies, because nothing is installed yet when it starts.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** npm writes this file at the end of an installation, so a broken-off one counts as none. */
function installed() {
  const record = join(root, 'node_modules', '.package-lock.json');
  return existsSync(record) && statSync(record).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** Runs a command to its end and gives its exit code; a signal that we get goes on to it. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, forward);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of SIGNALS) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

const [script, ...args] = process.argv.slice(2);
let code = installed() ? 0 : await run('npm', ['ci', '--no-audit', '--no-fund']);
if (code === 0) code = await run(process.execPath, ['--import', 'tsx', script, ...args]);
process.exit(code);
