import { PRIORITIES, STAGE_NAMES } from '../../model/submission.ts';

/** How a run of a job may end. */
export const JOB_OUTCOMES = ['completed', 'continued', 'postponed', 'retried', 'failed'] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

/** What may come of one query to a name server. */
export const QUERY_RESULTS = [
  'answered',
  'nxdomain',
  'servfail',
  'refused',
  'timeout',
  'unreachable',
  'other',
] as const;
export type QueryResult = (typeof QUERY_RESULTS)[number];

/** The states of jobs that are not through. */
export const JOB_STATES = ['waiting', 'active', 'delayed', 'waiting-children', 'failed'] as const;

const ROLES = ['api', 'jobs'];

export interface MetricRow {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  /** By label: the values that it may have, or what they are. */
  labels?: Readonly<Record<string, readonly string[] | string>>;
  /** Upper bounds, of a histogram. */
  buckets?: readonly number[];
  /** Whose numbers they are: then each API process tells its own; otherwise all of them tell the same. */
  of?: 'process';
}

const priority = PRIORITIES.map(String);
const SHORT_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric of `/metrics`; docs/metrics.md is made from it. */
export const METRICS = {
  tasker_tasks_sent_total: {
    type: 'counter',
    help: 'Tasks that RabbitMQ confirmed, the first time.',
    labels: { priority },
  },
  tasker_tasks_resent_total: {
    type: 'counter',
    help: 'Tasks that had come back, or were lost, and were sent once more.',
    labels: { priority },
  },
  tasker_tasks_done_total: {
    type: 'counter',
    help: 'Tasks that workers have ended; without those that were taken back.',
    labels: { priority },
  },
  tasker_tasks_dead_total: {
    type: 'counter',
    help: 'Dead letters: tasks that were begun three times and never ended.',
    labels: { priority },
  },
  tasker_tasks_ready: { type: 'gauge', help: 'Tasks that are ready in RabbitMQ.' },
  tasker_tasks_running: { type: 'gauge', help: 'Tasks that workers have in hand.' },
  tasker_window_tasks: {
    type: 'gauge',
    help: 'Tasks that may be ready in RabbitMQ; absent without a limit, and when nothing was sent for a minute.',
  },
  tasker_workers: { type: 'gauge', help: 'Workers that answered a ping in the last 90 s.' },
  tasker_paused: { type: 'gauge', help: 'Whether somebody paused everything.' },
  tasker_project_targets: {
    type: 'gauge',
    help: 'Targets of the 50 projects that have the most; all others together are the project `other`.',
    labels: { project: 'id, or `other`', state: ['waiting', 'running'] },
  },
  tasker_jobs: {
    type: 'gauge',
    help: 'Jobs of a stage that are not through.',
    labels: { stage: STAGE_NAMES, state: JOB_STATES },
  },
  tasker_job_runs_total: {
    type: 'counter',
    help: 'Runs of jobs, each try of its own, by how they ended.',
    labels: { stage: STAGE_NAMES, outcome: JOB_OUTCOMES },
  },
  tasker_job_duration_seconds: {
    type: 'histogram',
    help: 'Time that a run of a job took; without those that were only postponed.',
    labels: { stage: STAGE_NAMES },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  tasker_dns_queries_total: {
    type: 'counter',
    help: 'Queries to name servers; `answered` may be an empty answer.',
    labels: { result: QUERY_RESULTS },
  },
  tasker_dns_query_duration_seconds: {
    type: 'histogram',
    help: 'Time until a name server answered, or was given up.',
    buckets: SHORT_S,
  },
  tasker_processes: {
    type: 'gauge',
    help: 'Processes that run jobs, and said so in the last 30 s.',
    labels: { role: ['jobs'] },
  },
  tasker_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'Longest time, in the last 10 s, that the event loop was late: of this process, and of the worst that runs jobs.',
    labels: { role: ROLES },
  },
  tasker_http_requests_total: {
    type: 'counter',
    help: 'Requests, by the path of their route.',
    labels: { method: 'of HTTP', route: 'as in the API docs', status: 'of HTTP, or `aborted`' },
    of: 'process',
  },
  tasker_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the request to the end of its answer.',
    labels: { method: 'of HTTP', route: 'as in the API docs' },
    buckets: [...SHORT_S, 30, 60],
    of: 'process',
  },
  tasker_redis_up: { type: 'gauge', help: 'Whether Redis answers this process.', of: 'process' },
  tasker_redis_memory_bytes: { type: 'gauge', help: 'Memory that Redis uses.' },
  tasker_redis_memory_max_bytes: { type: 'gauge', help: '`maxmemory` of Redis; 0: none is set.' },
  tasker_redis_evicted_keys_total: {
    type: 'counter',
    help: 'Keys that Redis threw away to make room: none with `noeviction`.',
  },
  tasker_rabbitmq_up: {
    type: 'gauge',
    help: 'Whether this process is connected to RabbitMQ.',
    of: 'process',
  },
  tasker_rabbitmq_blocked: {
    type: 'gauge',
    help: 'Whether RabbitMQ blocks publishers (a memory or disk alarm).',
    of: 'process',
  },
  tasker_tls_certificate_not_after_timestamp_seconds: {
    type: 'gauge',
    help: 'When the TLS certificate ends that Tasker shows; absent without TLS.',
    of: 'process',
  },
  tasker_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels tell the versions.',
    labels: { version: 'of Tasker', node: 'of Node.js' },
    of: 'process',
  },
  process_resident_memory_bytes: { type: 'gauge', help: 'Memory of this process.', of: 'process' },
  process_cpu_seconds_total: { type: 'counter', help: 'CPU time of this process.', of: 'process' },
  process_start_time_seconds: {
    type: 'gauge',
    help: 'When this process started, in seconds since 1970.',
    of: 'process',
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof METRICS;
