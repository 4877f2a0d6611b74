import { randomUUID } from 'node:crypto';
import { type AuditNote, nameIn } from '../audit/entry.ts';
import { projectKeys, STOPS_KEY, submissionKeys, UNKNOWN_PROJECTS_KEY } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { Store } from '../redis/store.ts';
import { VERSION_LIFE_S } from '../submissions/decisionStore.ts';
import { workerKeys } from '../workers/keys.ts';
import { ACTIVE_OR_QUEUED, LOCK, RENEW, STOP_ENDED, STOP_PROJECT, UNLOCK } from './scripts.ts';

/** A stop goes on in another process so long after its own has died. */
const STOP_LEASE_MS = 8_000;
const STOP_RENEWAL_MS = 2_000;

/** What the submissions of one project share: reservations, and the stop. */
export class ProjectStore extends Store {
  /**
   * What other submissions of the project hold, the version at which that was true, and then how many of its tasks are
   * out: in this order, because a batch goes from the one to the other.
   */
  async reservations(
    project: string,
    exceptId: string,
  ): Promise<{ version: string; held: Map<string, string>; out: number }> {
    const keys = projectKeys(project);
    const pipeline = this.redis
      .pipeline()
      .getex(keys.version, 'EX', VERSION_LIFE_S)
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

  /** Tasks that are out, accepted targets that wait for their turn, and what is expected of submissions that plan. */
  activeOrQueued(project: string): Promise<number> {
    const { open } = projectKeys(project);
    return ACTIVE_OR_QUEUED.run(this.redis, [workerKeys.projectTasks(project), open], []);
  }

  /** Whether there is anything to stop: an open submission or plan, a task that is out, a stop that is not finished. */
  async hasWork(project: string): Promise<boolean> {
    const { open, openPlans } = projectKeys(project);
    const pipeline = this.redis
      .pipeline()
      .exists(open, openPlans, workerKeys.projectTasks(project))
      .zscore(STOPS_KEY, project);
    const [sets, stopping] = repliesOf<unknown>(await pipeline.exec());
    return Number(sets) > 0 || stopping !== null;
  }

  /** Marks every open submission of the project stopped and lets nothing of it out until {@link stopEnded}. */
  async stopProject(project: string, note?: AuditNote): Promise<{ ids: string[]; waiting: number }> {
    const keys = projectKeys(project);
    const now = new Date();
    const reply = await STOP_PROJECT.run(
      this.redis,
      [keys.open, keys.reservations],
      [project, now.getTime(), now.toISOString(), nameIn(note)],
      note,
    );
    return { ids: reply.slice(0, -1), waiting: Number(reply.at(-1)) };
  }

  async stopEnded(project: string): Promise<void> {
    const { users } = projectKeys(project);
    await STOP_ENDED.run(this.redis, [users], [project]);
  }

  /** Submissions of the project that are marked stopped and not cleaned up yet. */
  async stoppedSubmissions(project: string): Promise<string[]> {
    const ids = await this.redis.smembers(projectKeys(project).open);
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hget(submissionKeys(id).facts, 'state');
    const states = repliesOf<string | null>(await pipeline.exec());
    return ids.filter((_, index) => states[index] === 'stopped');
  }

  /** Projects whose stop began and did not end. */
  unfinishedStops(): Promise<string[]> {
    return this.redis.zrange(STOPS_KEY, '0', '-1');
  }

  /**
   * Makes sure that one stop of a project runs at a time: two would take each other's messages for new ones.
   * Gives what releases the lock, or undefined when somebody else has it.
   */
  async lockStop(project: string): Promise<(() => Promise<void>) | undefined> {
    const key = projectKeys(project).stopLock;
    const token = randomUUID();
    if ((await LOCK.run(this.redis, [key], [token, STOP_LEASE_MS])) === 0) return undefined;
    // A Redis that is away shows in the stop's own calls.
    const renew = () => void RENEW.run(this.redis, [key], [token, STOP_LEASE_MS]).catch(() => {});
    const renewal = setInterval(renew, STOP_RENEWAL_MS);
    return async () => {
      clearInterval(renewal);
      await UNLOCK.run(this.redis, [key], [token]);
    };
  }

  async users(project: string): Promise<string[]> {
    return this.redis.smembers(projectKeys(project).users);
  }

  /** The projects that the users' store does not know, and of which nothing is sent therefore; since when, ISO 8601. */
  async unknown(): Promise<Map<string, string>> {
    return new Map(Object.entries(await this.redis.hgetall(UNKNOWN_PROJECTS_KEY)));
  }

  async becameUnknown(project: string): Promise<void> {
    await this.redis.hsetnx(UNKNOWN_PROJECTS_KEY, project, new Date().toISOString());
  }

  async becameKnown(project: string): Promise<void> {
    await this.redis.hdel(UNKNOWN_PROJECTS_KEY, project);
  }
}
