import { setTimeout as delay } from 'node:timers/promises';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
} from '../../../test/support/tasker.ts';
import type { Figure } from '../figures.ts';
import { startWorkers, type Workers } from './workers.ts';

const PATIENCE_MS = 30_000;

export interface Scene {
  tasker: Tasker;
  installation: Installation;
  workers: Workers;
}

/** Runs `measure` with a service whose window follows so many workers. `scanMs`: how long each task takes. */
export async function withWorkers(
  { count, scanMs }: { count: number; scanMs: Parameters<typeof startWorkers>[2] },
  measure: (scene: Scene) => Promise<Figure[]>,
): Promise<Figure[]> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: 'auto' });
  const workers = await startWorkers(count, installation, scanMs);
  try {
    return await measure({ tasker, installation, workers });
  } finally {
    await workers.close();
    await tasker.stop();
    await installation.drop();
  }
}

export async function run(tasker: Tasker, project: string, ...hosts: string[]) {
  const { status, body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(hosts));
  if (status !== 200) throw new Error(`run-nmap gave ${status}`);
  return body;
}

export async function until<T>(look: () => T | undefined): Promise<T> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await delay(5)) {
    const found = look();
    if (found !== undefined) return found;
  }
  throw new Error('nothing came');
}
