import type { Redis } from 'ioredis';
import { projectKeys, SUBMISSION_CHANNEL, submissionKeys } from './keys.ts';
import { repliesOf } from './pipeline.ts';
import { KEY_PREFIX } from './redis.ts';
import { STOP_PROJECT } from './submissionScripts.ts';

/** A stop that died half-way blocks the project's dispatch no longer than this. */
const STOPPING_TTL_S = 300;

/** What the submissions of one project share: reservations, and the stop. */
export class ProjectStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** What other submissions of the project hold, and the version at which that was true. */
  async reservations(
    project: string,
    exceptId: string,
  ): Promise<{ version: string; held: Map<string, string> }> {
    const keys = projectKeys(project);
    const pipeline = this.#redis.pipeline().get(keys.version).hgetall(keys.reservations);
    const [version, reservations] = repliesOf<unknown>(await pipeline.exec()) as [
      string | null,
      Record<string, string>,
    ];
    const held = new Map(Object.entries(reservations).filter(([id]) => id !== exceptId));
    return { version: version ?? '0', held };
  }

  /** Accepted targets of the project that are not tracked yet: what `active_or_queued` counts beside the tasks out. */
  async waiting(project: string): Promise<number> {
    const ids = await this.#redis.hkeys(projectKeys(project).reservations);
    if (ids.length === 0) return 0;
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hmget(submissionKeys(id).facts, 'total', 'tracked');
    const numbers = repliesOf<(string | null)[]>(await pipeline.exec());
    return numbers.reduce((sum, [total, tracked]) => sum + Number(total ?? 0) - Number(tracked ?? 0), 0);
  }

  /** Marks every open submission of the project stopped and lets nothing of it out until {@link stopEnded}. */
  async stopProject(project: string): Promise<{ ids: string[]; waiting: number }> {
    const keys = projectKeys(project);
    const reply = await STOP_PROJECT.run(
      this.#redis,
      [keys.open, keys.reservations, keys.stopping],
      [`${KEY_PREFIX}:submission:`, STOPPING_TTL_S],
    );
    const ids = reply.slice(0, -1);
    for (const id of ids) await this.#redis.publish(SUBMISSION_CHANNEL, `stopped ${id}`);
    return { ids, waiting: Number(reply.at(-1)) };
  }

  async stopEnded(project: string): Promise<void> {
    const { stopping, users } = projectKeys(project);
    await this.#redis.del(stopping, users);
  }

  async users(project: string): Promise<string[]> {
    return this.#redis.smembers(projectKeys(project).users);
  }
}
