/** Rules about several options together: each alone is fine, but not all of them at once. */

import type { ScanOptions } from '../../model/scanOptions.ts';
import { countPorts, mergedPorts } from '../../nmap/ports.ts';
import type { ValidationErrors } from '../http/validationErrors.ts';

/** Tasks of one submission, in times of MAX_TARGETS: with `port_shards` an address has several. */
const TASKS_PER_TARGET = 4n;

/** What is wrong where both are given. */
const BACKWARDS = [
  ['min_rate', 'above', 'max_rate'],
  ['min_rtt_timeout_ms', 'above', 'max_rtt_timeout_ms'],
  ['initial_rtt_timeout_ms', 'below', 'min_rtt_timeout_ms'],
  ['initial_rtt_timeout_ms', 'above', 'max_rtt_timeout_ms'],
] as const;

/** Everything that does not go together goes to `problems`; `targets` are the addresses of all entries. */
export function checkOptions(
  options: ScanOptions,
  { targets, maxTargets }: { targets: bigint; maxTargets: number },
  errors: ValidationErrors,
): void {
  const add = (loc: string[], msg: string, input: unknown) =>
    errors.add({ type: 'value_error', loc: ['body', ...loc], msg, input });
  for (const phase of ['open_ports_opts', 'service_opts'] as const)
    for (const [field, side, other] of BACKWARDS) {
      const { [field]: own, [other]: limit } = options[phase];
      if (typeof own !== 'number' || typeof limit !== 'number') continue;
      if (side === 'above' ? own > limit : own < limit)
        add([phase, field], `${field} is ${side} ${other} (${limit})`, own);
    }
  const { ports, top_ports: topPorts } = options.open_ports_opts;
  const { port_shards: shards } = options;
  if (!shards) return;
  const refuse = (msg: string) => add(['port_shards'], msg, shards);
  const count = countPorts(mergedPorts(ports));
  if (options.mode === 'insert')
    refuse('it does not go with mode insert, which skips an address that has a task');
  if (topPorts) refuse('it does not go with top_ports: nmap chooses those, so they cannot be cut');
  else if (shards > count) refuse(`there are only ${count} ports to be cut into ${shards} parts`);
  const most = BigInt(maxTargets) * TASKS_PER_TARGET;
  const tasks = targets * BigInt(shards);
  if (tasks > most)
    refuse(
      `${targets} targets in ${shards} parts are ${tasks} tasks; the limit is ${most} (4 x MAX_TARGETS)`,
    );
}
