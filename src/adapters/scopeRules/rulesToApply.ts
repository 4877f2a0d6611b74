import { INSTALLATION_RULES_KEY, projectKeys, RULES_TO_APPLY_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** In the place of a project. */
const EVERY_PROJECT = '*';

/** KEYS rules to apply, hash of the installation's rules. ARGV hash. */
const INSTALLATION_IS = new RedisScript<null>(
  `
local before = redis.call('GET', KEYS[2])
if before == ARGV[1] then return end
redis.call('SET', KEYS[2], ARGV[1])
-- Of an installation that is new nothing is out.
if before then redis.call('HSET', KEYS[1], '${EVERY_PROJECT}', ARGV[1]) end
`,
  'also when Redis is full',
);

/** KEYS rules to apply. ARGV project, version. */
const APPLY_AGAIN = new RedisScript<number>(
  `return redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])`,
  'also when Redis is full',
);

/** KEYS rules to apply. ARGV project, version. */
const APPLIED = new RedisScript<null>(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
`);

/** Rules that have changed and are still to be applied to what is out. Whoever adds exclusions notes it in the same step. */
export class RulesToApply extends Store {
  /** The rules of the installation have this hash by now; when it is another one, they are to be applied to what is out. */
  async installationIs(hash: string): Promise<void> {
    await INSTALLATION_IS.run(this.redis, [RULES_TO_APPLY_KEY, INSTALLATION_RULES_KEY], [hash]);
  }

  /** Of which projects new exclusions are to be applied to what is out; `project` undefined: of all. */
  async all(): Promise<{ project: string | undefined; version: string }[]> {
    return Object.entries(await this.redis.hgetall(RULES_TO_APPLY_KEY)).map(([project, version]) => {
      return { project: project === EVERY_PROJECT ? undefined : project, version };
    });
  }

  /** Has them applied to what is out of the project once more. */
  async again(project: string): Promise<void> {
    const version = (await this.redis.get(projectKeys(project).exclusionsVersion)) ?? '0';
    await APPLY_AGAIN.run(this.redis, [RULES_TO_APPLY_KEY], [project, version]);
  }

  /** Unless there are newer ones. */
  async applied(project = EVERY_PROJECT, version = ''): Promise<void> {
    await APPLIED.run(this.redis, [RULES_TO_APPLY_KEY], [project, version]);
  }
}
