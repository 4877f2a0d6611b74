import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from '../runtime/log.ts';

const RESTART_DELAY_MS = 1_000;
/** An argument: this process is a part of one that looks after it, and looks at the stores for both. */
export const PART_OF_ALL = '--part-of-all';
/** Below the 10 s in which the whole service ends. */
const STOP_TIMEOUT_MS = 8_500;

/**
 * Thousands of look-ups a second leave short-lived objects behind. With twice the room of the default the collector
 * stops the process half as often, five milliseconds each, in which the name servers wait for us.
 */
const COLLECTOR = '--max-semi-space-size=32';

/**
 * Runs the jobs role as a child process, so that a big submission never delays the API's event loop. A child that
 * dies is started again; when this process dies, the child notices its channel closing and ends too.
 */
export function startJobsProcess(entry: URL, env: NodeJS.ProcessEnv, log: Logger): { stop(): Promise<void> } {
  let child: ChildProcess;
  let restart: NodeJS.Timeout | undefined;
  let stopping = false;

  const start = () => {
    const execArgv = [...process.execArgv, COLLECTOR];
    child = fork(entry, [PART_OF_ALL], { env: { ...env, ROLE: 'jobs' }, execArgv });
    child.on('error', (error) => log.error({ err: error.message }, 'the jobs process could not be started'));
    child.on('exit', (code, signal) => {
      if (stopping) return;
      log.error({ code, signal }, 'the jobs process ended; starting it again');
      restart = setTimeout(start, RESTART_DELAY_MS);
    });
  };
  start();

  return {
    async stop() {
      stopping = true;
      clearTimeout(restart);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
