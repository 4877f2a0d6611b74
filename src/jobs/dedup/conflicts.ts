import { LRUCache } from 'lru-cache';
import type { Stores } from '../../adapters/redis/stores.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { shortPorts } from '../../adapters/workers/shortPorts.ts';
import type { TaskStore } from '../../adapters/workers/taskStore.ts';
import { canonicalRequest, portShardsOf } from '../../nmap/portShards.ts';
import { canonicalPorts } from '../../nmap/ports.ts';
import { type Address, formatAddress } from '../../targets/address/address.ts';
import { setOf } from '../../targets/mergeNames.ts';
import { type AddressSet, addressesOf, count, intersect, union } from '../../targets/sets/addressSet.ts';
import { placedTasks } from '../taskIds.ts';

/** Strings of ports of which it is known whether they are in the way. */
const STRINGS_KEPT = 64;

/**
 * What of `wanted` is held by other submissions of the project or out as a task, and the version at which that was
 * true. In insert mode any task for an address is in the way, in the other modes one for the same set of ports, whole
 * or one of the parts that this request cuts it into.
 *
 * Reservations are read before tasks: a batch that leaves the one for the other in between is seen at least once.
 */
export async function conflicts(
  facts: SubmissionFacts,
  wanted: AddressSet,
  { batches, projects, tasks }: Pick<Stores, 'batches' | 'projects' | 'tasks'>,
): Promise<{ version: string; queued: AddressSet }> {
  const parts = portShardsOf(facts.options).map(({ ports, key }) =>
    canonicalPorts(ports.length > 0 ? ports : [key]),
  );
  const own = new Set([canonicalRequest(facts.options), ...parts].map(shortPorts));
  const inTheWay = (canonical: string) => facts.options.mode === 'insert' || own.has(shortPorts(canonical));

  const { version, held, out } = await projects.reservations(facts.project, facts.id);
  const sets: AddressSet[] = [];
  for (const [id, ports] of held) if (inTheWay(ports)) sets.push(intersect(wanted, await batches.held(id)));
  if (out > 0) sets.push(await tasksInTheWay({ project: facts.project, out }, wanted, tasks, inTheWay));
  return { version, queued: union(...sets) };
}

async function tasksInTheWay(
  { project, out }: { project: string; out: number },
  wanted: AddressSet,
  tasks: TaskStore,
  inTheWay: (ports: string) => boolean,
): Promise<AddressSet> {
  // Whichever is shorter: the list of our addresses, or that of the tasks out.
  const fewWanted = count(wanted) <= BigInt(out);
  const pages = fewWanted
    ? tasks.tasksOutFor(project, Array.from(addressesOf(wanted), formatAddress))
    : tasks.tasksOut(project);
  const found: Address[] = [];
  // Tasks of one submission have few strings of ports between them, and reading a long one takes a millisecond.
  const known = new LRUCache<string, boolean>({
    max: STRINGS_KEPT,
    memoMethod: (ports) => inTheWay(canonicalPorts(ports === '' ? [] : ports.split(' '))),
  });
  for await (const page of pages)
    for (const { address } of placedTasks(page.filter(({ ports }) => known.memo(ports)))) found.push(address);
  return intersect(wanted, setOf(found));
}
