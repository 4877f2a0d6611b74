import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a bystander met since it was asked last. */
export interface Day {
  /** Of its calls: plan, run, status, stop, again and again. */
  timesMs: number[];
  /** What was not answered as it should be. */
  refused: string[];
  /** The longest that `/health` took. */
  longestHealthMs: number;
}

export interface Bystander {
  /** What happened since the last call. */
  take(): Promise<Day>;
  stop(): Promise<void>;
}

/** The bystander in a process of its own: what keeps the attacker busy must not look like a slow Tasker. */
export function startBystander(url: string, token: string, project: string): Bystander {
  const child = fork(fileURLToPath(new URL('bystander.ts', import.meta.url)), {
    env: { ...process.env, ATTACK_URL: url, ATTACK_TOKEN: token, ATTACK_PROJECT: project },
  });
  return {
    async take() {
      const answered = once(child, 'message');
      child.send('take');
      const [day] = await answered;
      return day as Day;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
