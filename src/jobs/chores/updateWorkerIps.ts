import { randomUUID } from 'node:crypto';
import { updateIp } from '../../adapters/celery/messages.ts';
import type { Chore } from './chores.ts';

/** Makes every worker look up its own public address and write it down. */
export const updateWorkerIps: Chore = {
  name: 'update_ip',
  description: 'At start and every 3,700 s all workers look up their own address.',
  everyMs: 3_700_000,
  atStart: true,
  run: ({ broker }) => broker.broadcast(updateIp(randomUUID())),
};
