import type { Problems } from './problems.ts';

const PORT_OR_RANGE = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/;
const HIGHEST_PORT = 65_535;

/** The ports as sent; every item that is none goes to `problems`. */
export function readPorts(given: readonly unknown[], problems: Problems): string[] {
  given.forEach((port, index) => {
    const problem = portProblem(port);
    if (problem) problems.add({ ...problem, loc: ['body', 'open_ports_opts', 'ports', index], input: port });
  });
  return given.filter((port) => typeof port === 'string');
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
