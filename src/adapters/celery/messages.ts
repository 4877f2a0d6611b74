/**
 * Celery's message protocol 2 and its remote control, as the workers speak them. No I/O.
 *
 * Every integer in a header says its type: amqplib would write 128..32767 as `s`, which py-amqp reads as a short
 * string and then fails on the whole message.
 */
import { randomUUID } from 'node:crypto';
import type { ScanMode } from '../../model/scanOptions.ts';
import type { User } from '../../model/submission.ts';
import {
  CANCEL_EXCHANGE,
  CANCEL_TASK,
  CONTROL_EXCHANGE,
  REPLY_EXCHANGE,
  SCAN_EXCHANGE,
  SCAN_ROUTING_KEY,
  SCAN_TASK,
  UPDATE_IP_TASK,
  WORKER_EXCHANGE,
} from './names.ts';

/** Ids that one control message names: 400 KB, far below what any RabbitMQ takes as one message. */
export const IDS_PER_MESSAGE = 10_000;

/** How long a control message is meant for, as Celery itself says it. */
const CONTROL_EXPIRES_SECONDS = 10;

type HeaderValue =
  | string
  | boolean
  | null
  | { '!': 'int' | 'double'; value: number }
  | readonly HeaderValue[];

type Headers = Record<string, HeaderValue>;

/** Of every message. */
const PERSISTENT_JSON = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  deliveryMode: 2,
  priority: 0,
} as const;

export interface OutgoingMessage {
  exchange: string;
  routingKey: string;
  content: Buffer;
  /** The task's id; absent on control messages. */
  id?: string;
  properties: typeof PERSISTENT_JSON & { correlationId?: string; headers: Headers };
  /** true: a message that reaches no queue is an error. */
  mandatory: boolean;
}

/** One nmap run for one worker, keys in the order of the message. */
export interface ScanTask {
  ip: string;
  hostnames: readonly string[];
  /** Lower-case UUID with hyphens. */
  project: string;
  /** nmap's arguments of the first phase, joined by one space. */
  open_ports_opts: string;
  /** nmap's arguments of the second phase. */
  service_opts: string;
  /** Seconds, per scan phase. */
  timeout: number;
  include_services: boolean;
  mode: ScanMode;
  user: User;
  /** The ports joined by one space; the worker rebuilds the lock's key from it. */
  open_ports_str: string;
  track_history: boolean;
}

const EMBED = '{"callbacks":null,"errbacks":null,"chain":null,"chord":null}';

type Route = Pick<OutgoingMessage, 'exchange' | 'routingKey' | 'mandatory'>;
const TO_ONE_WORKER: Route = { exchange: SCAN_EXCHANGE, routingKey: SCAN_ROUTING_KEY, mandatory: true };
/** By a fanout, which ignores the key; it is the one that Celery uses when nobody names one. */
const toAllWorkers = (exchange: string): Route => ({ exchange, routingKey: 'celery', mandatory: false });

/** @param args the task's arguments, a list in JSON */
function taskMessage(to: Route, task: string, id: string, args: string, argsrepr: string): OutgoingMessage {
  const headers: Headers = {
    lang: 'py',
    task,
    id,
    root_id: id,
    parent_id: null,
    group: null,
    retries: { '!': 'int', value: 0 },
    timelimit: [null, null],
    eta: null,
    expires: null,
    argsrepr,
    kwargsrepr: '{}',
    origin: 'tasker',
    ignore_result: false,
  };
  const content = Buffer.from(`[${args},{},${EMBED}]`);
  return { ...to, content, id, properties: { ...PERSISTENT_JSON, correlationId: id, headers } };
}

/**
 * Makes the messages that each make one worker scan one address. What the addresses of one scan have in common is
 * written once. `id` becomes the Celery task's id.
 */
export function scanTaskWriter(task: Omit<ScanTask, 'ip' | 'hostnames'>) {
  // Built anew, so that the order of the keys does not depend on the caller.
  const common = JSON.stringify({
    project: task.project,
    open_ports_opts: task.open_ports_opts,
    service_opts: task.service_opts,
    timeout: task.timeout,
    include_services: task.include_services,
    mode: task.mode,
    user: { id: task.user.id, username: task.user.username },
    open_ports_str: task.open_ports_str,
    track_history: task.track_history,
  });
  return (id: string, ip: string, hostnames: readonly string[]): OutgoingMessage => {
    const args = `[{"ip":"${ip}","hostnames":${JSON.stringify(hostnames)},${common.slice(1)}]`;
    return taskMessage(TO_ONE_WORKER, SCAN_TASK, id, args, `(${ip},)`);
  };
}

/** Makes every worker kill the nmap of those of the tasks that it runs. */
export function cancelTasks(ids: readonly string[]): OutgoingMessage {
  const args = JSON.stringify([{ task_ids: ids }]);
  return taskMessage(toAllWorkers(CANCEL_EXCHANGE), CANCEL_TASK, randomUUID(), args, `(${ids.length} ids,)`);
}

/** Makes every worker write its public address to Redis. */
export function updateIp(id: string): OutgoingMessage {
  return taskMessage(toAllWorkers(WORKER_EXCHANGE), UPDATE_IP_TASK, id, '[]', '()');
}

/** Reaches no queue. To an exchange that we may publish to in any case. */
export function probe(): OutgoingMessage {
  return {
    exchange: SCAN_EXCHANGE,
    routingKey: 'tasker.probe',
    content: Buffer.alloc(0),
    properties: { ...PERSISTENT_JSON, headers: {} },
    mandatory: false,
  };
}

function control(method: string, args: unknown, reply: object = {}): OutgoingMessage {
  const body = { method, arguments: args, destination: null, pattern: null, matcher: null, ...reply };
  return {
    exchange: CONTROL_EXCHANGE,
    routingKey: '',
    content: Buffer.from(JSON.stringify(body)),
    properties: {
      ...PERSISTENT_JSON,
      headers: {
        clock: { '!': 'int', value: 1 },
        expires: { '!': 'double', value: Date.now() / 1000 + CONTROL_EXPIRES_SECONDS },
      },
    },
    mandatory: false,
  };
}

/** Makes every worker that runs now drop these tasks when it gets them. A worker that starts later knows nothing of it. */
export function revoke(ids: readonly string[]): OutgoingMessage {
  return control('revoke', { task_id: ids, terminate: false, signal: 'SIGTERM' });
}

/** Makes every worker say which of these tasks it has: those that it runs, and those that it was given and has not begun. */
export function queryTasks(ids: readonly string[], ticket: string, replyKey: string): OutgoingMessage {
  const to = { ticket, reply_to: { exchange: REPLY_EXCHANGE, routing_key: replyKey } };
  return control('query_task', { ids }, to);
}

/** Makes every worker answer to the queue bound with `replyKey`. `ticket` is a UUID of this one ping. */
export function ping(ticket: string, replyKey: string): OutgoingMessage {
  return control('ping', {}, { ticket, reply_to: { exchange: REPLY_EXCHANGE, routing_key: replyKey } });
}
