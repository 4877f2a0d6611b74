import { mergedPorts, portRangeText, portsString } from '../../nmap/ports.ts';
import type { ValidationError, ValidationErrors } from '../http/validationErrors.ts';

const PORT_OR_RANGE = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/;
const HIGHEST_PORT = 65_535;
/** Items of the list: as many as there are ports. */
const MOST_ITEMS = 65_535;
/** Bytes of the ports joined by blanks, as each task says them: its lock and its keys hold them as long as it is out. */
const MOST_BYTES = 65_536;
/** What has more items is not read at all. */
const MOST_READ = 1_000_000;
/** Characters of a shorter spelling that are told. */
const MOST_TOLD = 1_000;

const LOC = ['body', 'open_ports_opts', 'ports'];

/** The ports as sent; every item that is none goes to `problems`, and a list that is too long. */
export function readPorts(given: readonly unknown[], errors: ValidationErrors): string[] {
  if (given.length > MOST_READ) {
    errors.add(tooLong(`there are ${given.length} items; the limit is ${MOST_ITEMS}: write ranges`, given));
    return [];
  }
  const before = errors.total;
  given.forEach((port, index) => {
    const problem = portProblem(port);
    if (problem) errors.add({ ...problem, loc: [...LOC, index], input: port });
  });
  const ports = given.filter((port) => typeof port === 'string');
  const excess = excessOf(given.length, ports);
  // Only what is valid can be spelled in another way.
  if (excess !== undefined)
    errors.add(tooLong(errors.total > before ? excess : `${excess}: ${shorter(ports)}`, given));
  return ports;
}

function excessOf(items: number, ports: readonly string[]): string | undefined {
  if (items > MOST_ITEMS) return `there are ${items} items; the limit is ${MOST_ITEMS}`;
  const bytes = Buffer.byteLength(portsString(ports));
  return bytes > MOST_BYTES
    ? `the ports come to ${bytes} bytes, joined by blanks; the limit is ${MOST_BYTES}`
    : undefined;
}

/** The same set of ports in as few items as there can be, or how long even that is. */
function shorter(ports: readonly string[]): string {
  const merged = mergedPorts(ports).map(portRangeText);
  const text = portsString(merged);
  if (text.length > MOST_BYTES)
    return `merged they are still ${text.length} bytes, so send them in parts, or write the ranges that they lie in`;
  if (text.length > MOST_TOLD)
    return `merged and in order they are ${merged.length} items of ${text.length} bytes: write them so`;
  return `did you mean ${JSON.stringify(merged)}?`;
}

function tooLong(msg: string, input: unknown): ValidationError {
  return { type: 'too_many_ports', loc: LOC, msg, input };
}

function portProblem(port: unknown): { type: string; msg: string } | undefined {
  if (typeof port !== 'string') return { type: 'string_type', msg: 'Input should be a valid string' };
  const [, from, to] = PORT_OR_RANGE.exec(port) ?? [];
  if (from === undefined) return valueError('not a port: expected N or A-B in digits');
  const first = Number(from);
  const last = to === undefined ? first : Number(to);
  if (first < 1 || first > HIGHEST_PORT || last < 1 || last > HIGHEST_PORT)
    return valueError(`ports go from 1 to ${HIGHEST_PORT}`);
  return first <= last ? undefined : valueError(`the range runs backwards: did you mean ${last}-${first}?`);
}

function valueError(msg: string): { type: string; msg: string } {
  return { type: 'value_error', msg };
}
