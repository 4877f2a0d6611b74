import type { Schema } from '../../../src/client/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { ago, duration } from '../../format/time.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Empty, Loading } from '../../parts/Notice.tsx';
import { StateLabel } from '../../parts/StateLabel.tsx';
import { now } from '../../state/clock.ts';
import { projectName } from '../../state/project.ts';
import { linkTo } from '../../state/route.ts';
import { useAnswer } from '../../state/useAnswer.ts';
import './workers.css';

type Worker = Schema<'WorkerAtWork'>;

const WORKERS = { topics: ['workers'] } as const;

export function WorkersPage() {
  const { data, error, reload } = useAnswer('listWorkersAtWork', {}, WORKERS);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Workers</h1>
          <p>{data ? sentenceOf(data.workers) : 'What each has in hand, and since when.'}</p>
        </div>
      </div>
      {error && <Failure of={error} retry={reload} />}
      {!data && !error && <Loading what="The list of workers" />}
      {data && data.workers.length === 0 && (
        <Empty title="No worker answers">
          <p>Tasker pings them every 15 s. Start one that takes its tasks from the same RabbitMQ.</p>
        </Empty>
      )}
      {data && data.workers.length > 0 && (
        <ul class="workers">
          {data.workers.map((worker) => (
            <WorkerCard key={worker.host} worker={worker} />
          ))}
        </ul>
      )}
    </>
  );
}

function sentenceOf(workers: readonly Worker[]): string {
  const tasks = workers.reduce((sum, { tasks, others }) => sum + tasks.length + others, 0);
  const done = workers.reduce((sum, { done_last_hour }) => sum + done_last_hour, 0);
  return `${counted(workers.length, 'worker')}, ${counted(tasks, 'task')} in hand, ${count(done)} done in the last hour.`;
}

function WorkerCard({ worker }: { worker: Worker }) {
  const { host, ip, last_seen, unanswered_pings, done_last_hour, tasks, others } = worker;
  const isSilent = unanswered_pings > 0;
  return (
    <li class="panel stack">
      <div class="row apart">
        <h2 class="mono">{host}</h2>
        <StateLabel
          state={isSilent ? 'reconnecting' : 'ok'}
          words={isSilent ? `${counted(unanswered_pings, 'ping')} without an answer` : 'answers'}
        />
      </div>
      <Facts
        of={[
          ['address', ip ?? 'not told'],
          ['last seen', last_seen ? ago(Date.parse(last_seen), now.value) : 'not lately'],
          ['done in the last hour', count(done_last_hour)],
        ]}
      />
      {tasks.length === 0 && others === 0 && <p class="muted">Nothing in hand</p>}
      <ul class="stack tight">
        {tasks.map(({ task_id, project, submission, address, since }) => (
          <li key={task_id} class="row apart small">
            <a class="mono" href={linkTo(['scans', project, submission])}>
              {address ?? task_id}
            </a>
            <span class="muted">
              {projectName(project)}
              {since && ` · for ${duration(Math.max(0, now.value - Date.parse(since)))}`}
            </span>
          </li>
        ))}
      </ul>
      {others > 0 && <p class="muted small">and {counted(others, 'task')} of other projects</p>}
    </li>
  );
}
