import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { readTaskCounts } from '../adapters/dispatch/taskCounts.ts';
import { type Sample, sample } from '../adapters/metrics/samples.ts';
import { JOB_STATES } from '../adapters/metrics/table.ts';
import type { Broker } from '../adapters/rabbitmq/broker.ts';
import { memoryState } from '../adapters/redis/health.ts';
import type { Stores } from '../adapters/redis/stores.ts';
import type { Queues } from '../jobs/runner/stage.ts';
import { type DispatchStatus, dispatchStatus } from './dispatchStatus.ts';

/** Projects that are told one by one: those with the most targets. */
const MOST_PROJECTS = 50;

interface Services extends Stores {
  redis: Redis;
  broker: Broker;
  queues: Queues;
}

/** What all API processes tell alike: what stands in Redis and RabbitMQ at this moment, and what was counted so far. */
export async function installationMetrics(services: Services): Promise<Sample[]> {
  const { redis, queues, metrics, pauses } = services;
  const [dispatch, paused, tasks, counts, processes, memory, jobs] = await Promise.all([
    dispatchStatus({ ...services, publishQueue: queues.publish }),
    pauses.find({}),
    readTaskCounts(redis),
    metrics.counts(),
    metrics.processes(),
    memoryState(redis),
    Promise.all(Object.values(queues).map(jobsOf)),
  ]);
  return [
    ...dispatchSamples(dispatch),
    sample('tasker_paused', paused === undefined ? 0 : 1),
    ...tasks.map(({ event, priority, count }) => sample(`tasker_tasks_${event}_total`, count, { priority })),
    ...counts,
    sample('tasker_processes', processes.length, { role: 'jobs' }),
    ...(processes.length === 0 ? [] : [lagOf(processes.map(({ lagS }) => lagS))]),
    sample('tasker_redis_memory_bytes', memory.used),
    sample('tasker_redis_memory_max_bytes', memory.most),
    sample('tasker_redis_evicted_keys_total', memory.evicted),
    ...jobs.flat(),
  ];
}

function lagOf(lagsS: readonly number[]): Sample {
  return sample('tasker_event_loop_lag_seconds', Math.max(...lagsS), { role: 'jobs' });
}

function dispatchSamples({ window, workers, running, projects }: DispatchStatus): Sample[] {
  return [
    sample('tasker_workers', workers),
    sample('tasker_tasks_running', running),
    ...(window.ready === null ? [] : [sample('tasker_tasks_ready', window.ready)]),
    ...(window.limit === null ? [] : [sample('tasker_window_tasks', window.limit)]),
    ...projectSamples(projects),
  ];
}

type ProjectTargets = Pick<DispatchStatus['projects'][number], 'project' | 'waiting' | 'running'>;

/** However many projects there are, no more than {@link MOST_PROJECTS} and one for all the others. */
export function projectSamples(projects: readonly ProjectTargets[]): Sample[] {
  const busiest = projects.toSorted((a, b) => b.waiting + b.running - (a.waiting + a.running));
  const other = { project: 'other', waiting: 0, running: 0 };
  for (const { waiting, running } of busiest.splice(MOST_PROJECTS)) {
    other.waiting += waiting;
    other.running += running;
  }
  return [...busiest, other].flatMap(({ project, waiting, running }) => [
    sample('tasker_project_targets', waiting, { project, state: 'waiting' }),
    sample('tasker_project_targets', running, { project, state: 'running' }),
  ]);
}

async function jobsOf(queue: Queue): Promise<Sample[]> {
  const { waiting = 0, prioritized = 0, ...states } = await queue.getJobCounts();
  const counts: Readonly<Record<string, number>> = { ...states, waiting: waiting + prioritized };
  return JOB_STATES.map((state) => sample('tasker_jobs', counts[state] ?? 0, { stage: queue.name, state }));
}
