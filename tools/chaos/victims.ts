import { type RunningProcess, type ServerControl, startProcess } from '../services/childProcess.ts';
import type { VictimKind } from './book.ts';

/** Something that is killed, and started again as a supervisor would. */
export interface Victim {
  kind: VictimKind;
  name: string;
  /** Up, and not being started again. */
  up: boolean;
  /** 0 for a server. */
  pid(): number;
  kill(): Promise<void>;
  /** Resolves when it is there again, as far as one can tell. */
  restart(): Promise<void>;
}

/** Redis or RabbitMQ: the same data and port as before. */
export function serverVictim(kind: 'redis' | 'rabbitmq', control: ServerControl): Victim {
  return { kind, name: kind, up: true, pid: () => 0, kill: control.kill, restart: control.restart };
}

interface NodeVictimOptions {
  kind: VictimKind;
  name: string;
  args: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  logFile: string;
  /** Resolves when it can be used. @default at once */
  ready?: (running: RunningProcess) => Promise<void>;
}

/** A Node process of Tasker, or a worker. */
export async function nodeVictim(options: NodeVictimOptions): Promise<Victim> {
  const { kind, name, ready = async () => {}, ...process_ } = options;
  const start = async () => {
    const running = startProcess({ ...process_, command: process.execPath });
    await ready(running);
    return running;
  };
  let current = await start();
  return {
    kind,
    name,
    up: true,
    pid: () => current.pid,
    kill: () => current.kill(),
    async restart() {
      current = await start();
    },
  };
}
