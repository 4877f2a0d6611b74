/** A start that cannot succeed says why and ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/services/ports.ts';
import { childrenOf, runs } from '../support/processes.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation } from '../support/tasker.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let installation: Installation;

beforeAll(async () => {
  installation = await ownInstallation();
});

afterAll(() => installation?.drop());

function launch(variables: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? '', ...installation.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: tmpdir(),
  });
}

/** Waits for its end, and kills it when that does not come. */
async function outcome(child: ChildProcess) {
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('its output is not piped');
  const [out, err] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  clearTimeout(timer);
  return { exitCode: child.exitCode, out, err: err.split('\n').filter(Boolean) };
}

describe('wrong variables', () => {
  it.each([
    { title: 'a port that is none', variables: { REDIS_PORT: 'abc' }, names: ['REDIS_PORT'] },
    {
      title: 'a list with one wrong item',
      variables: { DNS_SERVERS: '9.9.9.9,nine' },
      names: ['DNS_SERVERS'],
    },
    {
      title: 'one that another one needs',
      variables: { LEDGER: 'scanledger' },
      names: ['SCANLEDGER_BASE_URL'],
    },
    {
      title: 'several at once',
      variables: {
        PORT: '0',
        role: 'worker',
        DISPATCH_WINDOW: '-1',
        MAX_BODY: '1TB',
        ALLOWED_HOSTS: '10.1',
      },
      names: ['ALLOWED_HOSTS', 'DISPATCH_WINDOW', 'MAX_BODY', 'PORT', 'ROLE'],
    },
  ])('$title: exit code 1, and one line for each', async ({ variables, names }) => {
    const { exitCode, out, err } = await outcome(launch(variables as Record<string, string>));
    expect(exitCode).toBe(1);
    expect(out).toBe('');
    expect(err.map((line) => line.split(' ')[0]).sort()).toEqual(names);
  });

  it('does not show a secret', async () => {
    const { exitCode, err } = await outcome(launch({ TASKER_TOKEN: 'sesame open' }));
    expect(exitCode).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^TASKER_TOKEN is set \(not shown\): it must be /)]);
  });
});

it('a port that is taken: exit code 1, the reason in the log, no process left behind', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const child = launch({ PORT: String((other.address() as AddressInfo).port) });
  try {
    const ended = outcome(child);
    const [jobs = 0] = await eventually('it has a child', () => {
      const children = childrenOf(child.pid ?? 0);
      return children.length > 0 && children;
    });
    const { exitCode, out } = await ended;
    expect(exitCode).toBe(1);
    expect(out).toMatch(/could not start/);
    expect(out).toMatch(/EADDRINUSE/);
    await eventually('its child has ended', () => !runs(jobs), 10_000);
  } finally {
    other.close();
  }
});

it('a process that is killed while its child starts: the child ends, too', async () => {
  const child = launch({ PORT: String(await freePort()) });
  const ended = outcome(child);
  const [jobs = 0] = await eventually('it has a child', () => {
    const children = childrenOf(child.pid ?? 0);
    return children.length > 0 && children;
  });
  child.kill('SIGKILL');
  try {
    await eventually('the child has ended', () => !runs(jobs), 20_000);
  } finally {
    if (runs(jobs)) process.kill(jobs, 'SIGKILL');
  }
  await ended;
});
