/** What comes from RabbitMQ: unknown until checked here. */

import { isWorkerName, LONGEST_PONG } from '../workers/words.ts';
import { SCAN_QUEUE, SCAN_TASK } from './names.ts';

/** Bytes of a message of the scan queue. Ours have a tenth of it; what is longer would stop us for as long as it takes to read. */
const LONGEST_TASK = 2 ** 22;

/** Bytes of an answer to `query_task`: it repeats the task that the worker has, with its host names. */
const LONGEST_HELD = 2 ** 23;

function parse(content: Buffer, longest: number): unknown {
  if (content.length > longest) return undefined;
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** The host name of who answered a ping; its node is `nmap_scan_queue@host`. undefined for anything that is no pong. */
export function parsePong(content: Buffer): string | undefined {
  const pong = parse(content, LONGEST_PONG);
  if (typeof pong !== 'object' || pong === null) return undefined;
  for (const [node, answer] of Object.entries(pong)) {
    const at = node.indexOf('@');
    const hostname = node.slice(at + 1);
    if (at >= 0 && isWorkerName(hostname) && field(answer, 'ok') === 'pong') return hostname;
  }
  return undefined;
}

/** Which tasks a worker says it has, of those that it was asked for. */
export interface HeldTasks {
  host: string;
  ids: string[];
}

/** An answer to `query_task` of whoever takes scan tasks. undefined for anything else. */
export function parseHeldTasks(content: Buffer): HeldTasks | undefined {
  const answer = parse(content, LONGEST_HELD);
  if (typeof answer !== 'object' || answer === null) return undefined;
  for (const [node, held] of Object.entries(answer)) {
    const [queue, host = ''] = node.split('@');
    const isOne = queue === SCAN_QUEUE && isWorkerName(host) && typeof held === 'object' && held !== null;
    // A worker that cannot answer says why.
    if (isOne && field(held, 'error') === undefined) return { host, ids: Object.keys(held) };
  }
  return undefined;
}

/** A UUID as text, or tagged by Python's encoder: `{"__type__":"uuid","__value__":{"hex":"..."}}`. */
function uuidOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : field(field(value, '__value__'), 'hex');
  if (typeof text !== 'string') return undefined;
  const parts = /^(\w{8})-?(\w{4})-?(\w{4})-?(\w{4})-?(\w{12})$/.exec(text.toLowerCase());
  return parts?.slice(1).join('-');
}

/** Which task a message of the scan queue is, without a look into it. undefined for anything that is no scan task. */
export function taskIdOf(headers: unknown): string | undefined {
  const id = field(headers, 'id');
  return typeof id === 'string' && field(headers, 'task') === SCAN_TASK ? id : undefined;
}

/** For a take-out: which message is one of these tasks; of all tasks without them. */
export function isAmong(
  ids?: ReadonlySet<string>,
): (content: Buffer, headers: unknown) => string | undefined {
  return (_, headers) => {
    const id = taskIdOf(headers);
    return id !== undefined && (ids === undefined || ids.has(id)) ? id : undefined;
  };
}

export interface MessageTask {
  id: string;
  project: string;
  /** undefined: it does not say what is to be scanned. */
  target: { ip: string; ports: string } | undefined;
}

/** The same, and of which project it is: that stands only in the content. */
export function taskOf(content: Buffer, headers: unknown): MessageTask | undefined {
  const id = taskIdOf(headers);
  if (id === undefined) return undefined;
  const task = field(field(parse(content, LONGEST_TASK), '0'), '0');
  const project = uuidOf(field(task, 'project'));
  const [ip, ports] = [field(task, 'ip'), field(task, 'open_ports_str')];
  const target = typeof ip === 'string' && typeof ports === 'string' ? { ip, ports } : undefined;
  return project === undefined ? undefined : { id, project, target };
}
