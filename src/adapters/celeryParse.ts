/** What comes from RabbitMQ: unknown until checked here. */
import { SCAN_TASK } from './celeryNames.ts';

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** Who answered a ping: `node` is `nmap_scan_queue@host`. undefined for anything that is no pong. */
export function parsePong(content: Buffer): { hostname: string; node: string } | undefined {
  const pong = parse(content);
  if (typeof pong !== 'object' || pong === null) return undefined;
  for (const [node, answer] of Object.entries(pong)) {
    const at = node.indexOf('@');
    if (at >= 0 && at < node.length - 1 && field(answer, 'ok') === 'pong')
      return { hostname: node.slice(at + 1), node };
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

/** Which task of which project a message of the scan queue is. undefined for anything that is no scan task. */
export function taskOf(content: Buffer, headers: unknown): { id: string; project: string } | undefined {
  const id = field(headers, 'id');
  if (typeof id !== 'string' || field(headers, 'task') !== SCAN_TASK) return undefined;
  const project = uuidOf(field(field(field(parse(content), '0'), '0'), 'project'));
  return project === undefined ? undefined : { id, project };
}
