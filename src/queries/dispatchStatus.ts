import type { Queue } from 'bullmq';
import { type Broker, depthOrNull } from '../adapters/rabbitmq/broker.ts';
import type { Stores } from '../adapters/redis/stores.ts';
import { GONE_AFTER_PINGS } from '../adapters/workers/presence.ts';
import { jobRefOf } from '../jobs/runner/stage.ts';
import { waitingByProject } from './waitingByProject.ts';

/** Publish jobs in line that are looked at for whose turn it is next. */
const MOST_LOOKED_AT = 1_000;
const SPANS_MIN = { minute: 1, hour: 60 };

interface ProjectDispatch {
  project: string;
  weight: number;
  /** Of the time that workers were busy with tasks of any project: 0 to 1. */
  share: { minute: number; hour: number };
  /** Targets that are not sent. */
  waiting: number;
  /** Tasks that workers have in hand. */
  running: number;
  /** The submission that sends next; null: none is in line. */
  next: string | null;
}

export interface DispatchStatus {
  window: {
    /** Tasks that may be ready in RabbitMQ; null: nothing was sent in the last minute, or there is no limit. */
    limit: number | null;
    /** Tasks that are ready there; null: RabbitMQ does not answer. */
    ready: number | null;
    /** Tasks a second that workers take. */
    rate: number;
  };
  workers: number;
  running: number;
  /** That have something to send or at work, or had in the last hour. */
  projects: ProjectDispatch[];
}

interface Services extends Stores {
  broker: Broker;
  publishQueue: Queue;
}

/** How the workers are shared at this moment. */
export async function dispatchStatus(services: Services): Promise<DispatchStatus> {
  const { windowStore, presence, taskTimes, dispatchSettings, submissions, view } = services;
  const open = await submissions.open();
  const there = (await presence.workers()).filter(({ unanswered }) => unanswered < GONE_AFTER_PINGS);
  const running = [...new Set(there.flatMap(({ tasks }) => [...tasks]))];
  const [window, ready, minute, hour, runningBy, next, waiting] = await Promise.all([
    windowStore.read(),
    depthOrNull(services.broker),
    taskTimes.usage(SPANS_MIN.minute),
    taskTimes.usage(SPANS_MIN.hour),
    taskTimes.projectsOf(running),
    nextOf(services.publishQueue, open),
    waitingByProject(open, view),
  ]);
  const ids = [...new Set([...waiting.keys(), ...runningBy.keys(), ...hour.keys()])].sort();
  const weights = await dispatchSettings.weights(ids);
  const projects = ids.map((project) => ({
    project,
    weight: weights.get(project) ?? 1,
    share: { minute: shareOf(minute, project), hour: shareOf(hour, project) },
    waiting: waiting.get(project) ?? 0,
    running: runningBy.get(project) ?? 0,
    next: next.get(project) ?? null,
  }));
  return {
    window: { limit: window?.limit ?? null, ready, rate: window?.rate ?? 0 },
    workers: there.length,
    running: running.length,
    projects,
  };
}

function shareOf(usage: ReadonlyMap<string, number>, project: string): number {
  const all = [...usage.values()].reduce((sum, seconds) => sum + seconds, 0);
  return all === 0 ? 0 : Math.round(((usage.get(project) ?? 0) / all) * 1_000) / 1_000;
}

/** By project, the first submission in line. */
async function nextOf(queue: Queue, open: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const next = new Map<string, string>();
  for (const job of await queue.getPrioritized(0, MOST_LOOKED_AT - 1)) {
    const { submission } = jobRefOf(job.data);
    const project = open[submission];
    if (project !== undefined && !next.has(project)) next.set(project, submission);
  }
  return next;
}
