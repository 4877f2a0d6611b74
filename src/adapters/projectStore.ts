import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { FACTS_PREFIX, projectKeys, STOPS_KEY, SUBMISSION_CHANNEL, submissionKeys } from './keys.ts';
import { repliesOf } from './pipeline.ts';
import { ACTIVE_OR_QUEUED, STOP_PROJECT, UNLOCK } from './projectScripts.ts';
import { workerKeys } from './workerKeys.ts';

/** Longer than a stop can take; after it the lock of a process that died is free again. */
const STOP_LOCK_TTL_S = 120;

/** What the submissions of one project share: reservations, and the stop. */
export class ProjectStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * What other submissions of the project hold, the version at which that was true, and then how many of its tasks are
   * out: in this order, because a batch goes from the one to the other.
   */
  async reservations(
    project: string,
    exceptId: string,
  ): Promise<{ version: string; held: Map<string, string>; out: number }> {
    const keys = projectKeys(project);
    const pipeline = this.#redis
      .pipeline()
      .get(keys.version)
      .hgetall(keys.reservations)
      .scard(workerKeys.projectTasks(project));
    const [version, reservations, out] = repliesOf<unknown>(await pipeline.exec()) as [
      string | null,
      Record<string, string>,
      number,
    ];
    const held = new Map(Object.entries(reservations).filter(([id]) => id !== exceptId));
    return { version: version ?? '0', held, out };
  }

  /** Tasks that are out, and accepted targets that wait for their turn. */
  activeOrQueued(project: string): Promise<number> {
    const { reservations } = projectKeys(project);
    return ACTIVE_OR_QUEUED.run(
      this.#redis,
      [workerKeys.projectTasks(project), reservations],
      [FACTS_PREFIX],
    );
  }

  /** Marks every open submission of the project stopped and lets nothing of it out until {@link stopEnded}. */
  async stopProject(project: string): Promise<{ ids: string[]; waiting: number }> {
    const keys = projectKeys(project);
    const now = new Date();
    const reply = await STOP_PROJECT.run(
      this.#redis,
      [keys.open, keys.reservations, STOPS_KEY],
      [FACTS_PREFIX, project, now.getTime(), now.toISOString()],
    );
    const ids = reply.slice(0, -1);
    for (const id of ids) await this.#redis.publish(SUBMISSION_CHANNEL, `stopped ${id}`);
    return { ids, waiting: Number(reply.at(-1)) };
  }

  async stopEnded(project: string): Promise<void> {
    await this.#redis.multi().zrem(STOPS_KEY, project).del(projectKeys(project).users).exec();
  }

  /** Submissions of the project that are marked stopped and not cleaned up yet. */
  async stoppedSubmissions(project: string): Promise<string[]> {
    const ids = await this.#redis.smembers(projectKeys(project).open);
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hget(submissionKeys(id).facts, 'state');
    const states = repliesOf<string | null>(await pipeline.exec());
    return ids.filter((_, index) => states[index] === 'stopped');
  }

  /** Projects whose stop began and did not end. */
  unfinishedStops(): Promise<string[]> {
    return this.#redis.zrange(STOPS_KEY, '0', '-1');
  }

  /**
   * Makes sure that one stop of a project runs at a time: two would take each other's messages for new ones.
   * Gives what releases the lock, or undefined when somebody else has it.
   */
  async lockStop(project: string): Promise<(() => Promise<void>) | undefined> {
    const key = projectKeys(project).stopLock;
    const token = randomUUID();
    if ((await this.#redis.set(key, token, 'EX', STOP_LOCK_TTL_S, 'NX')) === null) return undefined;
    return async () => void (await UNLOCK.run(this.#redis, [key], [token]));
  }

  async users(project: string): Promise<string[]> {
    return this.#redis.smembers(projectKeys(project).users);
  }
}
