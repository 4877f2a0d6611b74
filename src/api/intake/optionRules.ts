/** Rules about several options together: each alone is fine, but not all of them at once. */

import type { PhaseOptions, ScanOptions } from '../../model/scanOptions.ts';
import { countPorts, mergedPorts } from '../../nmap/ports.ts';
import type { ValidationErrors } from '../http/validationErrors.ts';

/** Tasks of one submission, in times of MAX_TARGETS: with `port_shards` an address has several. */
const TASKS_PER_TARGET = 4n;

/** What the options need to be checked; `targets` are the addresses of all entries. */
interface Checked {
  options: ScanOptions;
  /** Ports that are valid. */
  ports: readonly string[];
  targets: bigint;
  maxTargets: number;
}

/** Everything that does not go together goes to `problems`. */
export function checkOptions(
  { options, ports, targets, maxTargets }: Checked,
  errors: ValidationErrors,
): void {
  const add = (loc: string[], msg: string, input: unknown) =>
    errors.add({ type: 'value_error', loc: ['body', ...loc], msg, input });
  for (const phase of ['open_ports_opts', 'service_opts'] as const)
    for (const { field, msg } of backwards(options[phase])) add([phase, field], msg, options[phase][field]);
  const { top_ports: topPorts } = options.open_ports_opts;
  const { port_shards: shards } = options;
  if (!shards) return;
  const refuse = (msg: string) => add(['port_shards'], msg, shards);
  const count = countPorts(mergedPorts(ports));
  if (options.mode === 'insert')
    refuse('it does not go with mode insert, which skips an address that has a task');
  if (topPorts) refuse('it does not go with top_ports: nmap chooses those, so they cannot be cut');
  else if (shards > count) refuse(`there are only ${count} ports to be cut into ${shards} parts`);
  const most = BigInt(maxTargets) * TASKS_PER_TARGET;
  if (targets * BigInt(shards) > most)
    refuse(
      `${targets} targets in ${shards} parts are ${targets * BigInt(shards)} tasks; the limit is ${most} (4 x MAX_TARGETS)`,
    );
}

type Field = 'min_rate' | 'min_rtt_timeout_ms' | 'initial_rtt_timeout_ms';

/** Lower limits above their upper ones. */
function* backwards(options: PhaseOptions): Generator<{ field: Field; msg: string }> {
  const { min_rate, max_rate, min_rtt_timeout_ms: min, max_rtt_timeout_ms: max } = options;
  const { initial_rtt_timeout_ms: initial } = options;
  if (above(min_rate, max_rate)) yield { field: 'min_rate', msg: `min_rate is above max_rate (${max_rate})` };
  if (above(min, max))
    yield { field: 'min_rtt_timeout_ms', msg: `min_rtt_timeout_ms is above max_rtt_timeout_ms (${max})` };
  const field = 'initial_rtt_timeout_ms';
  if (above(min, initial))
    yield { field, msg: `initial_rtt_timeout_ms is below min_rtt_timeout_ms (${min})` };
  if (above(initial, max))
    yield { field, msg: `initial_rtt_timeout_ms is above max_rtt_timeout_ms (${max})` };
}

function above(lower: number | null | undefined, upper: number | null | undefined): boolean {
  return typeof lower === 'number' && typeof upper === 'number' && lower > upper;
}
