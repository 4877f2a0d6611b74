/** A built Tasker under attack: the API and, as its child, the jobs. Started again when an attack has ended it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROWS } from '../../src/config/variables.ts';
import { type RunningProcess, startProcess, untilReady } from '../services/childProcess.ts';
import { freePort, HOST } from '../services/ports.ts';

export interface TaskerProcess {
  url: string;
  port: number;
  /** The API, then the jobs. */
  pids(): number[];
  running(): boolean;
  restart(): Promise<void>;
  /** Ends it at once, for one that takes the machine's memory. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const MAIN = join(process.cwd(), 'dist', 'main.js');
/** How the image lets glibc handle memory. */
const IMAGE_MALLOC = Object.fromEntries(
  Array.from(readFileSync('Dockerfile', 'utf8').matchAll(/\b(MALLOC_\w+)=(\d+)/g), ([, name, value]) => [
    name,
    value,
  ]),
);

export async function startTasker(
  name: string,
  directory: string,
  env: Record<string, string>,
): Promise<TaskerProcess> {
  const port = await freePort();
  const url = `http://${HOST}:${port}`;
  const logFile = join(directory, `${name}.log`);
  const start = async (): Promise<RunningProcess> => {
    const server = startProcess({
      command: process.execPath,
      args: [MAIN],
      cwd: directory,
      env: { ...withoutSettings(), ...IMAGE_MALLOC, LOG_LEVEL: 'warn', ...env, PORT: String(port) },
      logFile,
    });
    await untilReady(`Tasker (${name})`, server, logFile, async () => {
      const response = await fetch(`${url}/ready`);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`/ready gave ${response.status}`);
      if (pidsOf(server.pid).length < 2) throw new Error('no jobs process yet');
    });
    return server;
  };
  let server = await start();
  return {
    url,
    port,
    pids: () => (server.running() ? pidsOf(server.pid) : []),
    running: () => server.running(),
    async restart() {
      await server.kill();
      server = await start();
    },
    kill: () => server.kill(),
    stop: () => server.stop(),
  };
}

function pidsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return [pid, ...children.filter(Boolean).map(Number)];
}

/** Takes all of Tasker's variables out of the environment that a child gets from us. */
export function withoutSettings(): Record<string, undefined> {
  const names = Object.keys(ROWS).flatMap((name) => [name, name.toLowerCase()]);
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** The most that a process held since {@link forgetPeak}, in MB; 0 for one that has ended. */
export function peakMb(pid: number): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(procFile(pid, 'status'))?.[1] ?? 0) / 1024);
}

export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // It has ended.
  }
}

/** What a process holds now, in MB. */
export function residentMb(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(procFile(pid, 'status'))?.[1] ?? 0) / 1024);
}

/** CPU time that a process has used, in ms. */
export function cpuMs(pid: number): number {
  // Behind the name, which may hold anything: state, ppid ..., utime, stime, in ticks of 10 ms.
  const fields = procFile(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
