import { readFileSync, writeFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { connectRabbit, SCAN_QUEUE } from '../../test/support/scanQueue.ts';
import { ownInstallation, startTasker, type Tasker } from '../../test/support/tasker.ts';

const WINDOW = 1_000;

/** Runs `work` with a service whose window is full: submissions are accepted, and no task goes out. */
export async function withFullWindow<T>(
  work: (scene: { tasker: Tasker; redis: Redis }) => Promise<T>,
): Promise<T> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: String(WINDOW) });
  try {
    await fillWindow(installation.vhost);
    return await work({ tasker, redis: installation.redis });
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

/** Resident memory of the service and its jobs process together. */
export function processKb(tasker: Tasker): number {
  return eachProcessKb(tasker, 'now').reduce((sum, kb) => sum + kb, 0);
}

/** The service, then its jobs process. `peak`: the most since {@link forgetPeaks}. */
export function eachProcessKb(tasker: Tasker, what: 'now' | 'peak'): number[] {
  const field = what === 'now' ? /VmRSS:\s+(\d+)/ : /VmHWM:\s+(\d+)/;
  return processesOf(tasker).map((pid) => {
    return Number(field.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  });
}

export function forgetPeaks(tasker: Tasker): void {
  for (const pid of processesOf(tasker)) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function processesOf(tasker: Tasker): string[] {
  const pid = tasker.process.pid ?? 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return [String(pid), ...children.filter(Boolean)];
}
