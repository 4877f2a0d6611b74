import { LRUCache } from 'lru-cache';
import { cacheSize } from '../../runtime/cacheSize.ts';
import { counts, endOf } from './exclusion.ts';
import type { ExclusionStore } from './exclusionStore.ts';
import type { InstallationRules } from './installationRules.ts';
import { hashOf, type InstallationPart, type SharedRules } from './ruleStore.ts';

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
  /** What `#kept` goes by, and its hash. */
  #present: { part: InstallationPart; hash: string } | undefined;

  constructor(installation: InstallationRules, exclusions: ExclusionStore) {
    this.#installation = installation;
    this.#exclusions = exclusions;
  }

  /**
   * What holds for a project now. Costs one read of a number when nothing has changed.
   * @throws ServiceUnavailableError while the installation's exclusions cannot be read
   */
  async now(project: string): Promise<RulesNow> {
    const { part, hash } = this.#installationNow();
    const version = await this.#exclusions.version(project);
    const kept = this.#kept.get(project);
    const current =
      kept?.shared.installation === part && kept.project === version && performance.now() < kept.goodUntilMs;
    return current ? kept : this.#putTogether(project, part, hash);
  }

  /** @throws ServiceUnavailableError likewise */
  installationHash(): string {
    return this.#installationNow().hash;
  }

  #installationNow(): { part: InstallationPart; hash: string } {
    const { part } = this.#installation.now();
    if (this.#present?.part === part) return this.#present;
    this.#kept.clear(); // old lists are long, and nobody asks for them again
    this.#present = { part, hash: hashOf(part) };
    return this.#present;
  }

  async #putTogether(project: string, installation: InstallationPart, hash: string): Promise<RulesNow> {
    const askedMs = performance.now();
    const { version, exclusions, nowMs } = await this.#exclusions.all(project);
    const counting = [...exclusions.values()].filter((exclusion) => counts(exclusion, nowMs));
    const firstEnd = counting.reduce(
      (first, { until }) => Math.min(first, endOf(until)),
      Number.POSITIVE_INFINITY,
    );
    const own = counting.map(({ entry }) => entry);
    const ref = { installation: hash, ...(own.length > 0 && { project: hashOf(own) }) };
    const kept = {
      version: `${hash}.${version}.${exclusions.size - counting.length}`,
      shared: { ref, installation, project: own },
      project: version,
      goodUntilMs: askedMs + firstEnd - nowMs,
    };
    const characters = own.reduce((sum, entry) => sum + entry.length, 0);
    this.#kept.set(project, kept, { size: cacheSize(characters, HEAVIEST_KEPT) });
    return kept;
  }
}

const MOST_KEPT = 64;
/** Characters of what these projects exclude. */
const HEAVIEST_KEPT = 32 * 2 ** 20;

interface Kept extends RulesNow {
  /** The version of the project's exclusions. */
  project: string;
  /** By `performance.now()`: then the first of the exclusions ends. */
  goodUntilMs: number;
}
