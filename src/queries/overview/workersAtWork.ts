import { LRUCache } from 'lru-cache';
import type { Stores } from '../../adapters/redis/stores.ts';
import { GONE_AFTER_PINGS } from '../../adapters/workers/presence.ts';

interface TaskAtWork {
  task_id: string;
  project: string;
  submission: string;
  address: string | null;
  /** ISO 8601, by the clock of the worker. */
  since: string | null;
}

interface WorkerAtWork {
  host: string;
  ip: string | null;
  /** ISO 8601. */
  last_seen: string | null;
  unanswered_pings: number;
  done_last_hour: number;
  tasks: TaskAtWork[];
}

/** What runs at one moment. */
export interface AtWork {
  /** By host name. */
  workers: WorkerAtWork[];
  /** By submission, how many of its tasks are in somebody's hand. */
  running: ReadonlyMap<string, number>;
}

type Services = Pick<Stores, 'presence' | 'workers' | 'tasks' | 'submissions' | 'ended'>;

/** One look is for everybody who asks within a second. */
const SHARED_MS = 1_000;
/** The last moment that a date can hold, in epoch seconds. */
const LAST_S = 8.64e12;

/** What workers have in hand, looked at once a second at most however many ask. */
export function watchWorkers(services: Services): () => Promise<AtWork> {
  const looks = new LRUCache<'look', AtWork>({
    max: 1,
    ttl: SHARED_MS,
    fetchMethod: () => look(services),
    ignoreFetchAbort: true,
  });
  return () => looks.forceFetch('look');
}

async function look({ presence, workers, tasks, submissions, ended }: Services): Promise<AtWork> {
  const there = (await presence.workers()).filter(({ unanswered }) => unanswered < GONE_AFTER_PINGS);
  there.sort((a, b) => (a.host < b.host ? -1 : 1));
  const hosts = there.map(({ host }) => host);
  const pairs = there.flatMap(({ host, tasks }) => [...tasks].map((task) => ({ host, task })));
  const [described, starts, infos, done] = await Promise.all([
    tasks.describe([...new Set(pairs.map(({ task }) => task))]),
    workers.startsOf(pairs),
    workers.infosOf(hosts),
    ended.lastHour(),
  ]);
  const out = new Map(described.map((task) => [task.id, task]));
  const ids = [...new Set(described.flatMap(({ submission }) => submission ?? []))];
  const projects = await submissions.projectsOf(ids);
  const running = new Map<string, number>();
  for (const { submission } of described)
    if (submission !== undefined) running.set(submission, (running.get(submission) ?? 0) + 1);
  const atWork = there.map(({ host, unanswered, tasks: listed }) => {
    const own = [...listed].sort().flatMap((id): TaskAtWork[] => {
      const task = out.get(id);
      const project = projects.get(task?.submission ?? '');
      if (task?.submission === undefined || project === undefined) return [];
      const { submission, ip: address = null } = task;
      const since = timeOf(starts.get(`${host} ${id}`));
      return [{ task_id: id, project, submission, address, since }];
    });
    return {
      host,
      ip: infos[host]?.ip ?? null,
      last_seen: timeOf(infos[host]?.last_seen),
      unanswered_pings: unanswered,
      done_last_hour: done.get(host) ?? 0,
      tasks: own,
    };
  });
  return { workers: atWork, running };
}

/** Of epoch seconds that a worker wrote; 0: unknown. */
function timeOf(seconds = 0): string | null {
  return seconds > 0 && seconds < LAST_S ? new Date(seconds * 1_000).toISOString() : null;
}
