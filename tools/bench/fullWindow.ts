import type { Redis } from 'ioredis';
import { connectRabbit, SCAN_QUEUE } from '../../test/support/scanQueue.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from '../../test/support/tasker.ts';

const WINDOW = 1_000;

export interface Scene {
  tasker: Tasker;
  installation: Installation;
  redis: Redis;
}

/** Runs `work` with a service whose window is full: submissions are accepted, and no task goes out. */
export async function withFullWindow<T>(
  work: (scene: Scene) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, ...env, DISPATCH_WINDOW: String(WINDOW) });
  try {
    await fillWindow(installation.vhost);
    return await work({ tasker, installation, redis: installation.redis });
  } finally {
    await tasker.stop();
    await installation.drop();
  }
}

async function fillWindow(vhost: string): Promise<void> {
  const connection = await connectRabbit(vhost);
  const channel = await connection.createConfirmChannel();
  for (let index = 0; index < WINDOW; index++) channel.sendToQueue(SCAN_QUEUE, Buffer.from('x'));
  await channel.waitForConfirms();
  await connection.close();
}
