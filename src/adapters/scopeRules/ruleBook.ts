import { LRUCache } from 'lru-cache';
import { cacheSize } from '../../runtime/cacheSize.ts';
import { counts, type ExclusionStore, endOf } from './exclusionStore.ts';
import type { InstallationRules, InstallationRulesNow } from './installationRules.ts';
import { hashOf, type SharedRules } from './ruleStore.ts';

/** The scope rules of a project at one moment. The same `version` means the same rules. */
export interface RulesNow {
  version: string;
  shared: SharedRules;
}

/** The rules of installation and project, put together once and kept until one of them changes. */
export class RuleBook {
  readonly #installation: InstallationRules;
  readonly #exclusions: ExclusionStore;
  readonly #kept = new LRUCache<string, Kept>({ max: MOST_KEPT, maxSize: HEAVIEST_KEPT });
  /** Those that `#kept` goes by. */
  #present: Installation | undefined;

  constructor(installation: InstallationRules, exclusions: ExclusionStore) {
    this.#installation = installation;
    this.#exclusions = exclusions;
  }

  /**
   * What holds for a project now. Costs one read of a number when nothing has changed.
   * @throws ServiceUnavailableError while the installation's exclusions cannot be read
   */
  async now(project: string): Promise<RulesNow> {
    const installation = this.#installationNow();
    const version = await this.#exclusions.version(project);
    const kept = this.#kept.get(project);
    const current =
      kept?.installation === installation && kept.project === version && performance.now() < kept.goodUntilMs;
    if (current) return kept.now;
    return this.#putTogether(project, installation);
  }

  #installationNow(): Installation {
    const now = this.#installation.now();
    if (this.#present?.version === now.version) return this.#present;
    this.#kept.clear(); // old lists are long, and nobody asks for them again
    this.#present = installationOf(now);
    return this.#present;
  }

  async #putTogether(project: string, installation: Installation): Promise<RulesNow> {
    const askedMs = performance.now();
    const { version, exclusions, nowMs } = await this.#exclusions.all(project);
    const counting = [...exclusions.values()].filter((exclusion) => counts(exclusion, nowMs));
    const firstEnd = counting.reduce(
      (first, { until }) => Math.min(first, endOf(until)),
      Number.POSITIVE_INFINITY,
    );
    const own = counting.map(({ entry }) => entry);
    const now = {
      version: `${installation.version}.${version}.${exclusions.size - counting.length}`,
      shared: {
        ref: { installation: installation.hash, ...(own.length > 0 && { project: hashOf(own) }) },
        installation: installation.part,
        project: own,
      },
    };
    const characters = own.reduce((sum, entry) => sum + entry.length, 0);
    this.#kept.set(
      project,
      { now, installation, project: version, goodUntilMs: askedMs + firstEnd - nowMs },
      { size: cacheSize(characters, HEAVIEST_KEPT) },
    );
    return now;
  }
}

const MOST_KEPT = 64;
/** Characters of what these projects exclude. */
const HEAVIEST_KEPT = 32 * 2 ** 20;

interface Installation {
  version: number;
  part: SharedRules['installation'];
  hash: string;
}

interface Kept {
  now: RulesNow;
  installation: Installation;
  project: string;
  /** By `performance.now()`: then the first of the exclusions ends. */
  goodUntilMs: number;
}

function installationOf({ version, allowPrivate, allowed, excluded }: InstallationRulesNow): Installation {
  const part = { allowPrivate, ...(allowed && { allowed }), exclusions: excluded };
  return { version, part, hash: hashOf(part) };
}
