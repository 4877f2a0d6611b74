/** What the stores should have otherwise is told by each role that starts by itself, and once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker } from '../support/tasker.ts';

const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
let installation: Installation;

beforeAll(async () => {
  installation = await ownInstallation();
});

afterAll(() => installation?.drop());

it.each(['all', 'api', 'jobs'])('role %s', async (role) => {
  const tasker = await startTasker({ ...installation.env, ROLE: role });
  try {
    const told = () => tasker.logs.filter(({ check }) => check !== undefined);
    const names = () => told().map(({ check }) => check);
    await eventually('both stores were looked at', () =>
      ['Redis persistence', 'RabbitMQ consumer_timeout'].every((check) => names().includes(check)),
    );
    // Long enough for its jobs process to tell the same, if it did.
    if (role === 'all')
      expect(await tasker.post(`/tasks/${PROJECT}/plan`, scan(['8.8.8.8']))).toMatchObject({ status: 200 });
    expect(names()).toEqual([...new Set(names())]);
    expect(told().every((line) => line.role === role)).toBe(true);
    expect(told()).toContainEqual(
      expect.objectContaining({
        ...{ level: 'warn', check: 'Redis persistence', found: expect.any(String) },
        todo: expect.stringContaining('appendonly yes'),
      }),
    );
  } finally {
    await tasker.stop();
  }
});
