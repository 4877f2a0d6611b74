import type { Worker } from 'bullmq';
import { type RunJobsOptions, runStage } from './runStage.ts';

/** How long running jobs may take to end by themselves when the process stops; what is left goes to another one. */
const CLOSE_TIMEOUT_MS = 6_000;

export interface RunningJobs {
  /** Tells the jobs of a submission that run here that it is stopped. */
  cancel(submission: string): void;
  close(): Promise<void>;
}

/** Runs every stage in this process. */
export function runJobs(options: RunJobsOptions): RunningJobs {
  const running = Object.values(options.stages).map((stage) => runStage(stage, options));
  return {
    cancel(submission) {
      for (const stage of running) stage.cancel(submission);
    },
    async close() {
      await Promise.all(running.map(({ worker }) => closeWorker(worker)));
    },
  };
}

/** Waits for the jobs that run; those that do not end in time stay active and are taken over when their lock ends. */
async function closeWorker(worker: Worker): Promise<void> {
  const timer = setTimeout(() => worker.close(true), CLOSE_TIMEOUT_MS);
  try {
    await worker.close();
  } finally {
    clearTimeout(timer);
  }
}
