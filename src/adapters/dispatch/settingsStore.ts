import type { AuditNote } from '../audit/entry.ts';
import { projectKeys } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** How the tasks of a project are sent. */
export interface DispatchSettings {
  /** Its share of worker time beside other projects that have something to send. */
  weight: number;
}

const DEFAULT_SETTINGS: DispatchSettings = { weight: 1 };

/** KEYS settings. ARGV weight. */
const WRITE = new RedisScript<string>(`
redis.call('HSET', KEYS[1], 'weight', ARGV[1])
return 'done'
`);

/** What admins set for the dispatch of projects. */
export class SettingsStore extends Store {
  async read(project: string): Promise<DispatchSettings> {
    const weight = await this.redis.hget(projectKeys(project).dispatch, 'weight');
    return weight === null ? DEFAULT_SETTINGS : { weight: Number(weight) };
  }

  /** By project; those for which nothing is set are missing. */
  async weights(projects: readonly string[]): Promise<Map<string, number>> {
    const pipeline = this.redis.pipeline();
    for (const project of projects) pipeline.hget(projectKeys(project).dispatch, 'weight');
    const weights = repliesOf<string | null>(await pipeline.exec());
    return new Map(
      projects.flatMap((project, index) => {
        const weight = weights[index] ?? null;
        return weight === null ? [] : [[project, Number(weight)]];
      }),
    );
  }

  async write(project: string, { weight }: DispatchSettings, note?: AuditNote): Promise<void> {
    await WRITE.run(this.redis, [projectKeys(project).dispatch], [weight], note);
  }
}
