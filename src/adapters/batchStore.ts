import type { Redis } from 'ioredis';
import { GiveUpError } from '../errors.ts';
import { type AddressSet, decodeInSteps, EMPTY } from '../targets/addressSet.ts';
import { inTurns } from '../turns.ts';
import { projectKeys, STOPS_KEY, submissionKeys } from './keys.ts';
import { SENT, TRACK } from './submissionScripts.ts';
import { workerKeys } from './workerKeys.ts';

/**
 * A lock outlives any wait of its task by far; the worker deletes it when the task ends, a stop when it is taken
 * back. It expires only so that a lock whose task was lost by hand does not stay for ever.
 */
const LOCK_TTL_S = 30 * 24 * 3600;

/** One batch about to be sent. */
export interface Batch {
  submission: string;
  project: string;
  user: string;
  lane: number;
  batch: number;
  ports: string;
  tasks: readonly { id: string; ip: string }[];
}

/** What the publish jobs read and write. */
export class BatchStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async accepted(id: string): Promise<AddressSet> {
    const text = await this.#redis.get(submissionKeys(id).accepted);
    if (text === null)
      throw new GiveUpError(`the target set of submission ${id} is gone: stop the scan and send it again`);
    return inTurns(decodeInSteps(text));
  }

  /** What another submission holds; nothing when it ended in between. */
  async held(id: string): Promise<AddressSet> {
    const text = await this.#redis.get(submissionKeys(id).accepted);
    return text === null ? EMPTY : inTurns(decodeInSteps(text));
  }

  /** The host names of these addresses, in their order; [] where there are none. */
  async hostnamesOf(id: string, addresses: readonly string[]): Promise<string[][]> {
    const lists = await this.#redis.hmget(submissionKeys(id).hostnames, ...addresses);
    return lists.map((text) => (text === null ? [] : (JSON.parse(text) as string[])));
  }

  /**
   * Takes the locks and writes the tracking keys of a batch. Gives the ids that may be published: without those
   * whose lock another task holds. The words mean that nothing was written: the submission or the project is
   * stopped, or an earlier try of the same batch got to its end.
   */
  async track(batch: Batch): Promise<'stopped' | 'stopping' | 'sent' | Set<string>> {
    const { facts, lanes, notTaken } = submissionKeys(batch.submission);
    const { users } = projectKeys(batch.project);
    const { projectTasks, userTasks } = workerKeys;
    const reply = await TRACK.run(
      this.#redis,
      [facts, lanes, STOPS_KEY, projectTasks(batch.project), userTasks(batch.user), users, notTaken],
      [
        batch.lane,
        batch.batch,
        batch.tasks.length,
        LOCK_TTL_S,
        batch.project,
        batch.user,
        batch.ports,
        ...batch.tasks.flatMap(({ ip, id }) => [ip, id]),
      ],
    );
    if (reply === 'stopped' || reply === 'stopping' || reply === 'sent') return reply;
    return new Set(reply);
  }

  /** Of a batch that RabbitMQ took in part: what a further try has to send. */
  async saveNotTaken(id: string, batch: number, tasks: readonly string[]): Promise<void> {
    await this.#redis.hset(submissionKeys(id).notTaken, batch, JSON.stringify(tasks));
  }

  async sent(id: string, lane: number, batch: number, size: number): Promise<void> {
    const keys = submissionKeys(id);
    await SENT.run(this.#redis, [keys.facts, keys.lanes], [lane, batch, size]);
  }
}
