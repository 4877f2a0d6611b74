import { REFUSAL_REASONS, type RefusalReason } from '../../model/refusal.ts';
import { portShardsOf } from '../../nmap/portShards.ts';
import type { Address } from '../../targets/address/address.ts';
import { type AddressSet, decode, encode, has, intersect, isEmpty } from '../../targets/sets/addressSet.ts';
import { readAllLines, readSet } from '../redis/chunkedValue.ts';
import { projectKeys, submissionKeys } from '../redis/keys.ts';
import { hashOf, readAtOnce, readFields } from '../redis/readAtOnce.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { factsOf, type SubmissionFacts } from '../submissions/facts.ts';
import { workerKeys } from '../workers/keys.ts';
import type { Start } from '../workers/startStore.ts';
import { AGAIN, type DroppedTargets } from './batchStore.ts';
import { addressesNamed, type HostnamesOwner, readHostnamesOf } from './hostnameLists.ts';
import { type Move, moveOf, parseMoveNote } from './moveNotes.ts';

type Told =
  | 'id'
  | 'project'
  | 'state'
  | 'targets'
  | 'sent'
  | 'dropped'
  | 'again'
  | 'resent'
  | 'failed'
  | 'links'
  | 'finishedAt';

/** How far the sending of a submission is: all of it from one moment. */
export interface DispatchState extends Pick<SubmissionFacts, Told> {
  /** The string of ports of each part. */
  parts: readonly string[];
  /** Tasks of the accepted addresses; 0 while nothing is reserved. */
  total: number;
  /** How many addresses have a note of moves; see moveNotes.ts. */
  moved: number;
  /** By lane, how many of its tasks are tracked, and how many are sent. */
  trackedByLane: readonly number[];
  sentByLane: readonly number[];
}

/** What is known of some accepted targets. */
export interface TargetMarks {
  /** Those of the tasks that are out. */
  out: Set<string>;
  /** Those that have come back and wait to be sent again. */
  again: Set<string>;
  /** Those that were begun again and again and never ended, with their starts. */
  failed: Map<string, Start[]>;
  /** By address; addresses without a name are missing. */
  hostnames: Map<string, string[]>;
  /** Left out of these batches when they were sent, by batch. */
  dropped: Map<number, DroppedTargets[]>;
  takenBack: AddressSet | undefined;
}

/**
 * Notes which sent targets of a submission a stop took back, for as long as the submission is kept.
 * KEYS facts, taken back. ARGV set.
 */
const TAKEN_BACK = new RedisScript<null>(
  `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('SET', KEYS[2], ARGV[1])
local ttl = redis.call('PTTL', KEYS[1])
if ttl > 0 then redis.call('PEXPIRE', KEYS[2], ttl) end
`,
  'also when Redis is full',
);

/** Reads what became of targets. */
export class TargetStore extends Store {
  /** undefined: nothing is kept of the scan (any more), or it is a plan. `lanes` is how many lanes there are. */
  async dispatchState(id: string, lanes: number): Promise<DispatchState | undefined> {
    const keys = submissionKeys(id);
    // At once, because a batch is marked in both at once.
    const replies = await readAtOnce(this.redis, [
      ['HGETALL', keys.facts],
      ['HGETALL', keys.lanes],
      ['HLEN', keys.moved],
    ]);
    const [flat, lanesFlat, moved] = replies as [string[], string[], number];
    const [hash, marks] = [hashOf(flat), hashOf(lanesFlat)];
    if (hash.project === undefined || hash.kind === 'plan') return undefined;
    const facts = factsOf(id, hash);
    const byLane = (letter: string) =>
      Array.from({ length: lanes }, (_, lane) => Number(marks[`${letter}${lane}`] ?? 0));
    return {
      ...facts,
      parts: portShardsOf(facts.options).map(({ key }) => key),
      total: facts.total ?? 0,
      moved,
      trackedByLane: byLane('t'),
      sentByLane: byLane('s'),
    };
  }

  /** undefined: there is none (any more). */
  async accepted(id: string): Promise<AddressSet | undefined> {
    return readSet(this.redis, submissionKeys(id).accepted);
  }

  async refused(id: string, reason: RefusalReason): Promise<AddressSet | undefined> {
    const text = await this.redis.hget(submissionKeys(id).refused, reason);
    return text === null ? undefined : decode(text);
  }

  /** What of these addresses was refused, by reason; reasons without any are missing. */
  async refusedWithin(id: string, asked: AddressSet): Promise<Map<RefusalReason, AddressSet>> {
    const texts = await readFields(this.redis, submissionKeys(id).refused, REFUSAL_REASONS);
    const within = [...texts].map(([reason, text]) => {
      return [reason as RefusalReason, intersect(decode(text), asked)] as const;
    });
    return new Map(within.filter(([, set]) => !isEmpty(set)));
  }

  /** When the first of these batches was sent, ISO 8601; undefined: none was. */
  async sentAt(id: string, batches: readonly number[]): Promise<string | undefined> {
    const times = await this.redis.hmget(submissionKeys(id).sentAt, ...batches.map(String));
    return times.filter((time) => time !== null).sort()[0];
  }

  /** Why an address was left out when one of these batches was sent; undefined: it was not. */
  async dropped(
    id: string,
    batches: readonly number[],
    address: Address,
  ): Promise<Pick<DroppedTargets, 'reason' | 'detail'> | undefined> {
    const rows = [...(await this.#droppedFrom(id, batches)).values()].flat();
    const row = rows.find(({ set }) => has(decode(set), address));
    return row && { reason: row.reason, detail: row.detail };
  }

  /** What was left out of these batches when they were sent, by batch. */
  async #droppedFrom(id: string, batches: readonly number[]): Promise<Map<number, DroppedTargets[]>> {
    if (batches.length === 0) return new Map();
    const fields = [...batches, AGAIN].map(String);
    const texts = await readFields(this.redis, submissionKeys(id).dropped, fields);
    const rowsOf = (batch: number) => JSON.parse(texts.get(String(batch)) ?? '[]') as DroppedTargets[];
    // Of what was sent again the batch is not noted.
    return new Map(batches.map((batch) => [batch, [...rowsOf(batch), ...rowsOf(AGAIN)]]));
  }

  /** The names that did not resolve, as they were listed. */
  async unresolvable(id: string): Promise<string[]> {
    return readAllLines(this.redis, submissionKeys(id).unresolvable);
  }

  /** The addresses that get tasks in the place of others, by address. */
  async moves({ id, moved }: Pick<DispatchState, 'id' | 'moved'>): Promise<Map<string, Move>> {
    const texts = moved === 0 ? {} : await this.redis.hgetall(submissionKeys(id).moved);
    return movesIn(Object.entries(texts));
  }

  /** Those of these addresses that get tasks in the place of others. */
  async movesOf(
    { id, moved }: Pick<DispatchState, 'id' | 'moved'>,
    ips: readonly string[],
  ): Promise<Map<string, Move>> {
    return movesIn(moved === 0 ? [] : await readFields(this.redis, submissionKeys(id).moved, ips));
  }

  /** Where the tasks of a name went that does not lead to these planned addresses any more. */
  async movedTo(id: string, name: string, ips: readonly string[]): Promise<string[]> {
    const notes = await readFields(this.redis, submissionKeys(id).moved, ips);
    const places = [...notes.values()].flatMap((text) => parseMoveNote(text).to?.[name] ?? []);
    return [...new Set(places)];
  }

  async revoked(id: string): Promise<AddressSet | undefined> {
    return readSet(this.redis, submissionKeys(id).takenBack);
  }

  /** Notes that a stop took these back; they replace what was noted. */
  async saveRevoked(id: string, set: AddressSet): Promise<void> {
    const { facts, takenBack } = submissionKeys(id);
    await TAKEN_BACK.run(this.redis, [facts, takenBack], [encode(set)]);
  }

  /** The scans of the project that something may be kept of, newest first. */
  async scans(project: string): Promise<string[]> {
    return this.redis.zrevrange(projectKeys(project).submissions, 0, -1);
  }

  /** By address; addresses without a name are missing. */
  hostnames(of: HostnamesOwner, ips: readonly string[]): Promise<Map<string, string[]>> {
    return readHostnamesOf(this.redis, of, ips);
  }

  /** The addresses with a name that contains this. Reads the names of all. */
  addressesNamed(of: HostnamesOwner, part: string): Promise<Set<string>> {
    return addressesNamed(this.redis, of, part);
  }

  /**
   * What was taken back is read last: a stop notes that before it forgets the tasks, so a task that is out no more and
   * not noted has ended.
   */
  async marks(
    sending: DispatchState,
    { tasks, ips, batches }: { tasks: readonly string[]; ips: readonly string[]; batches: readonly number[] },
  ): Promise<TargetMarks> {
    const { again, failed } = submissionKeys(sending.id);
    const [members, waiting, dead, dropped] = await Promise.all([
      tasks.length === 0 ? [] : this.redis.smismember(workerKeys.projectTasks(sending.project), [...tasks]),
      sending.again === 0 || tasks.length === 0 ? [] : this.redis.hmget(again, ...tasks),
      sending.failed === 0 ? new Map<string, string>() : readFields(this.redis, failed, tasks),
      this.#droppedFrom(sending.id, sending.dropped > 0 ? batches : []),
    ]);
    return {
      out: new Set(tasks.filter((_, index) => members[index] === 1)),
      again: new Set(tasks.filter((_, index) => typeof waiting[index] === 'string')),
      failed: new Map([...dead].map(([id, text]) => [id, startsIn(text)])),
      hostnames: await this.hostnames(sending, ips),
      dropped,
      takenBack: await this.revoked(sending.id),
    };
  }
}

function startsIn(note: string): Start[] {
  const [, , starts] = JSON.parse(note) as [string, number, Start[]];
  return starts;
}

function movesIn(texts: Iterable<[string, string]>): Map<string, Move> {
  const moves = new Map<string, Move>();
  for (const [ip, text] of texts) {
    const move = moveOf(parseMoveNote(text));
    if (move) moves.set(ip, move);
  }
  return moves;
}
