import type { SimulatedTask } from './scans.ts';

/** What a worker gets from RabbitMQ: unknown until checked here. */

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

/** The value at the end of a path of keys, or undefined. */
function at(value: unknown, ...path: (string | number)[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, key);
  }
  return here;
}

function strings(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string');
}

/** The task's name and id, from the headers of a task message. */
export function taskHeaders(headers: unknown): { name: unknown; id: string } {
  return { name: at(headers, 'task'), id: String(at(headers, 'id')) };
}

export function readScanTask(content: Buffer): SimulatedTask | undefined {
  const task = at(parse(content), 0, 0);
  const [ip, project, user, ports] = [
    at(task, 'ip'),
    at(task, 'project'),
    at(task, 'user', 'id'),
    at(task, 'open_ports_str'),
  ];
  if (typeof ip !== 'string' || typeof project !== 'string') return undefined;
  if (typeof user !== 'string' || typeof ports !== 'string') return undefined;
  return { ip, project, user, ports, hostnames: at(task, 'hostnames') };
}

/** The ids in a cancel task. */
export function readCancel(content: Buffer): string[] {
  return strings(at(parse(content), 0, 0, 'task_ids'));
}

export type Control =
  | { method: 'revoke'; ids: string[] }
  | { method: 'ping'; ticket: string; exchange: string; routingKey: string }
  | { method: 'query_task'; ids: string[]; ticket: string; exchange: string; routingKey: string }
  | { method: 'other' };

export function readControl(content: Buffer): Control {
  const body = parse(content);
  const method = at(body, 'method');
  if (method === 'revoke') return { method, ids: strings(at(body, 'arguments', 'task_id')) };
  const [ticket, exchange, routingKey] = [
    at(body, 'ticket'),
    at(body, 'reply_to', 'exchange'),
    at(body, 'reply_to', 'routing_key'),
  ];
  if (typeof exchange !== 'string' || typeof routingKey !== 'string') return { method: 'other' };
  const to = { exchange, routingKey, ticket: String(ticket) };
  if (method === 'ping') return { method, ...to };
  if (method === 'query_task') return { method, ids: strings(at(body, 'arguments', 'ids')), ...to };
  return { method: 'other' };
}
