import type { PerNetwork } from '../../model/perNetwork.ts';
import type { AuditNote } from '../audit/entry.ts';
import { projectKeys } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** How the tasks of a project are sent. */
export interface DispatchSettings {
  /** Its share of worker time beside other projects that have something to send. */
  weight: number;
  /** Tasks of it that may be out at once, ready or with a worker; null: any number. */
  max_running: number | null;
  /** null: any number of tasks for a network. */
  per_network: PerNetwork | null;
}

export const DEFAULT_SETTINGS: DispatchSettings = { weight: 1, max_running: null, per_network: null };

/** KEYS settings. ARGV {what is set}: texts. */
const WRITE = new RedisScript<string>(`
redis.call('HDEL', KEYS[1], 'weight', 'max_running', 'per_network')
for name, value in pairs(cjson.decode(ARGV[1])) do redis.call('HSET', KEYS[1], name, value) end
return 'done'
`);

/** What admins set for the dispatch of projects. */
export class SettingsStore extends Store {
  async read(project: string): Promise<DispatchSettings> {
    const { weight, max_running, per_network } = await this.redis.hgetall(projectKeys(project).dispatch);
    return {
      ...DEFAULT_SETTINGS,
      ...(weight !== undefined && { weight: Number(weight) }),
      ...(max_running !== undefined && { max_running: Number(max_running) }),
      ...(per_network !== undefined && { per_network: JSON.parse(per_network) as PerNetwork }),
    };
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

  /** What is not given is as by default from then on. */
  async write(project: string, settings: Partial<DispatchSettings>, note?: AuditNote): Promise<void> {
    const { weight, max_running, per_network } = { ...DEFAULT_SETTINGS, ...settings };
    const texts = {
      weight: String(weight),
      ...(max_running !== null && { max_running: String(max_running) }),
      ...(per_network !== null && { per_network: JSON.stringify(per_network) }),
    };
    await WRITE.run(this.redis, [projectKeys(project).dispatch], [namedFields(texts)], note);
  }
}
