/** What the service costs: its process and its jobs process together. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tasker } from '../../test/support/tasker.ts';

const LOOK_EVERY_MS = 250;
/** Of {@link LOOK_EVERY_MS}: looking at a full window and for jobs costs about that. */
const QUIET_MS = 20;
const TICK_MS = 10;
const PATIENCE_MS = 20_000;

/**
 * Resolves when the service has next to nothing to do any more. What it finishes after its answer would slow down the
 * yardstick that is measured next, in our favour.
 */
export async function untilQuiet(tasker: Tasker): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let before = cpuMs(tasker); ; ) {
    await delay(LOOK_EVERY_MS);
    const now = cpuMs(tasker);
    if (now - before <= QUIET_MS) return;
    if (performance.now() > end) throw new Error('the service does not come to rest');
    before = now;
  }
}

function cpuMs(tasker: Tasker): number {
  const ticks = processesOf(tasker).map((pid) => {
    // Behind the name, which may hold anything: state, ppid ..., utime, stime.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return TICK_MS * ticks.reduce((sum, each) => sum + each, 0);
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
