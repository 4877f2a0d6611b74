/** More requests at once than may be planned at once. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OPEN_KEY } from '../../src/adapters/redis/keys.ts';
import { submissionPattern } from '../support/ownKeys.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: '0', MAX_PLANNING: '5' });
});
afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

it('those who are in are planned and sent, the others are told to come again, and nothing else is kept', async () => {
  const projects = Array.from({ length: 150 }, () => randomUUID());
  const answers = await Promise.all(
    projects.map((project, index) => tasker.post(`/tasks/${project}/run-nmap`, scan([`11.8.0.${index}`]))),
  );
  const planned = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 503);
  expect(planned.length).toBeGreaterThanOrEqual(5);
  expect(refused.length).toBeGreaterThan(0);
  expect(planned.length + refused.length).toBe(projects.length);
  for (const { headers } of refused) expect(headers.get('retry-after')).toBe('2');

  for (const { body } of planned)
    await eventually('it is done', async () => isSent((await tasker.get(body.submission.href)).body.state));
  expect(await takeTasks(installation.vhost)).toHaveLength(planned.length);
  expect(await installation.redis.hlen(OPEN_KEY)).toBe(0);
  const begun = await installation.redis.keys(submissionPattern('????????-????-????-????-????????????'));
  expect(begun).toHaveLength(planned.length);

  const index = answers.findIndex(({ status }) => status === 503);
  await eventually('it is welcome when it comes again', async () => {
    const again = await tasker.post(`/tasks/${projects[index]}/run-nmap`, scan([`11.8.0.${index}`]));
    return again.status === 200;
  });
});
