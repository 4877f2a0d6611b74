import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';

export interface StartOptions {
  command: string;
  args: string[];
  /** Added to our own environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  cwd: string;
  /** Where its output goes; appended. */
  logFile: string;
  /** What tells it to end in good order. @default 'SIGTERM' */
  stopSignal?: NodeJS.Signals;
  /** Another user to run as; only root can. */
  user?: string;
}

export interface RunningProcess {
  pid: number;
  running(): boolean;
  /** Resolves when it has ended, for whatever reason. */
  exited: Promise<void>;
  /** Ends it in good order, by force after ten seconds. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

const SETPRIV = '/usr/bin/setpriv';
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts a server that cannot outlive us: it has a process group of its own, so that a Ctrl-C reaches only us;
 * our exit kills the group; and where the kernel can tell it of our death (Linux), it even ends after our SIGKILL.
 */
export function startProcess(options: StartOptions): RunningProcess {
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  const [command, args] = wrapped(options, stopSignal);
  const log = openSync(options.logFile, 'a');
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${options.command}`);
  const signalGroup = (signal: NodeJS.Signals) => {
    if (running(child)) trySignal(-pid, signal);
  };
  const killAtExit = () => signalGroup('SIGKILL');
  process.once('exit', killAtExit);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', killAtExit);
      resolve();
    });
  });
  const kill = async () => {
    signalGroup('SIGKILL');
    await exited;
  };
  return {
    pid,
    running: () => running(child),
    exited,
    kill,
    async stop() {
      signalGroup(stopSignal);
      const timer = setTimeout(killAtExit, STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

function running(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Sends a signal to a process, or to a group (negative), that may be gone already. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

function wrapped({ command, args, user }: StartOptions, deathSignal: string): [string, string[]] {
  if (!existsSync(SETPRIV)) {
    if (user) throw new Error(`${SETPRIV} is missing: without it ${command} cannot run as ${user}`);
    return [command, args];
  }
  const asUser = user ? [`--reuid=${user}`, `--regid=${user}`, '--init-groups'] : [];
  return [SETPRIV, [...asUser, '--pdeathsig', deathSignal.replace('SIG', ''), '--', command, ...args]];
}

/** Waits until `probe` succeeds. Throws with the end of the log when the process ends or takes too long. */
export async function untilReady(
  what: string,
  server: RunningProcess,
  logFile: string,
  probe: () => Promise<unknown>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return void (await probe());
    } catch (error) {
      const over = !server.running() || Date.now() > deadline;
      if (over) {
        await server.kill();
        const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
        throw new Error(`${what} did not come up. The end of ${logFile}:\n${lines}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export interface ServerControl {
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it, if it runs, and starts it with the same port and data. */
  restart(): Promise<void>;
}

/** `start` resolves when the server answers. */
export async function controlled(start: () => Promise<RunningProcess>): Promise<ServerControl> {
  let current = await start();
  return {
    stop: () => current.stop(),
    kill: () => current.kill(),
    async restart() {
      await current.stop();
      current = await start();
    },
  };
}
