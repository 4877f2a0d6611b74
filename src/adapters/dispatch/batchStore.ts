import type { PerNetwork } from '../../model/perNetwork.ts';
import type { RefusalDetail, RefusalReason } from '../../model/refusal.ts';
import type { Unanswered } from '../../model/resolution.ts';
import { PermanentError } from '../../runtime/errors.ts';
import type { Address } from '../../targets/address/address.ts';
import { type AddressSet, decode, EMPTY, union } from '../../targets/sets/addressSet.ts';
import { readSet } from '../redis/chunkedValue.ts';
import { EVERY_NAME, INSTALLATION_RULES_KEY, projectKeys, submissionKeys } from '../redis/keys.ts';
import { readFields } from '../redis/readAtOnce.ts';
import { namedFields } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';
import { CHANGE_MOVES, RELEASE, SENT, SENT_AGAIN, TAKEN, TRACK, type Untracked } from './batchScripts.ts';
import { type HostnamesOwner, readHostnamesOf } from './hostnameLists.ts';
import type { MoveNote } from './moveNotes.ts';

/**
 * A lock outlives any wait of its task by far; the worker deletes it when the task ends, a stop when it is taken
 * back. It expires only so that a lock whose task was lost by hand does not stay for ever.
 */
const LOCK_TTL_S = 30 * 24 * 3600;

/** In the place of a batch: tasks that are sent again. */
export const AGAIN = -1;

/** What of a batch is sent at once, in places of its lane: how many tasks of the lane come before. */
interface Part {
  lane: number;
  batch: number;
  from: number;
  /** Also beyond those that are not to be sent any more. */
  to: number;
}

/** A part of a batch about to be sent. */
export interface Batch extends Part {
  submission: string;
  project: string;
  user: string;
  /** Version of the project's exclusions that the tasks were checked against. @default any */
  rules?: string;
  /** Hash of the installation's rules, likewise. @default any */
  installation?: string;
  /** How often something was taken out of the submission by then. @default any */
  later?: number;
  tasks: readonly BatchTask[];
  /** Of the installation and the request; those of the project are read when they are applied. */
  limits?: readonly PerNetwork[];
}

interface TrackedTask {
  id: string;
  ip: string;
  ports: string;
}

interface BatchTask extends TrackedTask {
  address: Address;
  /** Which part of the ports of the request. */
  part: number;
}

/** The ids of a part that may be published, and of those that wait because their networks have enough. */
export interface Tracked {
  publishable: Set<string>;
  aside: Set<string>;
}

/** Targets of a batch that were not sent, because a rule refused them in the last moment. */
export interface DroppedTargets {
  reason: RefusalReason;
  detail: RefusalDetail;
  /** Text of an address set. */
  set: string;
  count: number;
}

/** What is known of a name while its targets are being sent. */
export interface Lookup {
  /** Epoch milliseconds until which it counts. */
  until: number;
  /** Absent: it was not looked up again, and what the plan says counts. */
  addresses?: readonly string[];
  /** Its CNAME targets in order; likewise. */
  chain?: readonly string[];
  /** The family that the last answers did not tell. */
  unanswered?: Unanswered;
  /** How many answers that is. @default 1 */
  asked?: number;
}

/** A part of a batch that is through. */
export interface SentBatch extends Part {
  /** The batch ends with it. */
  last: boolean;
  /** Its tasks, also those that were left out. */
  ids: readonly string[];
  /** How many messages it came to. */
  published: number;
  dropped: readonly DroppedTargets[];
  /** How many of its tasks were not sent because of that. */
  refused: number;
}

/** What the publish jobs read and write. */
export class BatchStore extends Store {
  async accepted(id: string): Promise<AddressSet> {
    const set = await readSet(this.redis, submissionKeys(id).accepted);
    if (set === undefined)
      throw new PermanentError(`the target set of submission ${id} is gone: stop the scan and send it again`);
    return set;
  }

  /** What another submission holds; nothing when it ended in between. */
  async held(id: string): Promise<AddressSet> {
    return (await readSet(this.redis, submissionKeys(id).accepted)) ?? EMPTY;
  }

  /** The host names of these addresses; those without a name are missing. */
  hostnamesOf(of: HostnamesOwner, addresses: readonly string[]): Promise<Map<string, string[]>> {
    return readHostnamesOf(this.redis, of, addresses);
  }

  /**
   * Takes the locks and writes the tracking keys of a part of a batch. Gives the ids that may be published: without those
   * whose lock another task holds, those that RabbitMQ took at an earlier try, and those that are to be sent again. The
   * words mean that nothing was written.
   */
  async track({ submission, tasks, ...rest }: Batch): Promise<Untracked | Tracked> {
    const { facts, lanes, taken, again, out } = submissionKeys(submission);
    const { users, dispatch, exclusionsVersion } = projectKeys(rest.project);
    const { projectTasks, userTasks } = workerKeys;
    const reply = await TRACK.run(
      this.redis,
      [
        ...[facts, lanes, taken, projectTasks(rest.project), userTasks(rest.user), users, dispatch],
        ...[again, out, exclusionsVersion, INSTALLATION_RULES_KEY],
      ],
      [
        namedFields({
          submission,
          isAgain: rest.batch === AGAIN,
          ...rest,
          ...portsAndTasks(tasks),
          lockTtlS: LOCK_TTL_S,
        }),
      ],
    );
    if (typeof reply === 'string') return reply;
    const [publishable, aside] = reply;
    return { publishable: new Set(publishable), aside: new Set(aside) };
  }

  /** Lets go of tasks that are not to be sent after all. Gives the ids of those that an earlier try had tracked. */
  async release({
    project,
    user,
    tasks,
  }: Pick<Batch, 'project' | 'user'> & { tasks: readonly TrackedTask[] }): Promise<string[]> {
    const { projectTasks, userTasks } = workerKeys;
    return RELEASE.run(
      this.redis,
      [projectTasks(project), userTasks(user)],
      [namedFields({ project, ...portsAndTasks(tasks) })],
    );
  }

  /** Of a batch that RabbitMQ took in part: what a further try must neither track nor send. */
  async saveTaken(id: string, batch: number, tasks: readonly string[]): Promise<void> {
    if (tasks.length > 0) await TAKEN.run(this.redis, [submissionKeys(id).taken], [batch, tasks.join(' ')]);
  }

  async lookups(id: string, names: readonly string[]): Promise<Map<string, Lookup>> {
    const texts = await readFields(this.redis, submissionKeys(id).lookups, [EVERY_NAME, ...names]);
    const known = names.flatMap((name): [string, Lookup][] => {
      const text = texts.get(name) ?? texts.get(EVERY_NAME);
      return text ? [[name, JSON.parse(text) as Lookup]] : [];
    });
    return new Map(known);
  }

  async saveLookups(id: string, lookups: ReadonlyMap<string, Lookup>): Promise<void> {
    if (lookups.size === 0) return;
    const fields = [...lookups].flatMap(([name, lookup]) => [name, JSON.stringify(lookup)]);
    await this.redis.hset(submissionKeys(id).lookups, ...fields);
  }

  /** The addresses that are targets by themselves, whatever names lead to them. */
  async listed(id: string): Promise<AddressSet> {
    return (await readSet(this.redis, submissionKeys(id).expanded)) ?? EMPTY;
  }

  /** By lane, how many of its tasks were sent. */
  async sentByLane(id: string, lanes: number): Promise<number[]> {
    const marks = await this.redis.hgetall(submissionKeys(id).lanes);
    return Array.from({ length: lanes }, (_, lane) => Number(marks[`s${lane}`] ?? 0));
  }

  /** What need not be scanned again: the ledger has it, or somebody else's task. */
  async known(id: string): Promise<AddressSet> {
    const texts = await this.redis.hmget(
      submissionKeys(id).refused,
      'already_in_scanledger',
      'already_in_queue',
    );
    return union(...texts.filter((text) => text !== null).map(decode));
  }

  /** What moves have made of these addresses, as it is kept. */
  moveNotes(id: string, ips: readonly string[]): Promise<Map<string, string>> {
    return readFields(this.redis, submissionKeys(id).moved, ips);
  }

  /** False: something has changed since it was read, and nothing was written. */
  async changeMoveNotes(
    id: string,
    read: ReadonlyMap<string, string>,
    changes: ReadonlyMap<string, MoveNote>,
  ): Promise<boolean> {
    if (changes.size === 0) return true;
    const { facts, moved } = submissionKeys(id);
    const args = [...changes].flatMap(([ip, note]) => [ip, read.get(ip) ?? '', JSON.stringify(note)]);
    return (await CHANGE_MOVES.run(this.redis, [facts, moved], args)) === 1;
  }

  async sent(id: string, { dropped, from: _, ids, ...part }: SentBatch): Promise<void> {
    const keys = submissionKeys(id);
    const rows = dropped.length === 0 ? undefined : JSON.stringify(dropped);
    if (part.batch === AGAIN) {
      const { batch, published, refused } = part;
      await SENT_AGAIN.run(
        this.redis,
        [keys.facts, keys.again, keys.dropped, keys.taken],
        [namedFields({ batch, ids, published, refused, dropped: rows })],
      );
      return;
    }
    const at = new Date().toISOString();
    await SENT.run(
      this.redis,
      [keys.facts, keys.lanes, keys.dropped, keys.sentAt, keys.taken],
      [namedFields({ ...part, at, dropped: rows })],
    );
  }
}

/** Each string of ports once, because it may be long; the tasks have their places, which Lua counts from 1. */
function portsAndTasks(tasks: readonly (TrackedTask & Partial<BatchTask>)[]) {
  const strings = [...new Set(tasks.map(({ ports }) => ports))];
  const places = new Map(strings.map((ports, index) => [ports, index + 1]));
  return {
    ports: strings,
    parts: strings.map((ports) => tasks.find((task) => task.ports === ports)?.part),
    tasks: tasks.map(({ ip, address, id, ports }) => {
      const hex = typeof address === 'bigint' ? address.toString(16).padStart(32, '0') : undefined;
      return { ip, hex, id, ports: places.get(ports) };
    }),
  };
}
