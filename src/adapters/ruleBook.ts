import type { ScopeRules } from '../targets/rules.ts';
import type { Exclusion, ExclusionStore } from './exclusionStore.ts';
import type { InstallationRules, InstallationRulesNow } from './installationRules.ts';

/** The scope rules of a project at one moment. The same `version` means the same rules. */
export interface RulesNow {
  version: string;
  rules: ScopeRules;
}

/** The rules of installation and project, put together once and kept until one of them changes. */
export class RuleBook {
  readonly #installation: InstallationRules;
  readonly #exclusions: ExclusionStore;
  readonly #kept = new Map<string, Kept>();

  constructor(installation: InstallationRules, exclusions: ExclusionStore) {
    this.#installation = installation;
    this.#exclusions = exclusions;
  }

  /**
   * What holds for a project now. Costs one read of a number when nothing has changed.
   * @throws AwayError while the installation's exclusions cannot be read
   */
  async now(project: string): Promise<RulesNow> {
    const installation = this.#installation.now();
    const version = await this.#exclusions.version(project);
    const kept = this.#kept.get(project);
    const current =
      kept?.installation === installation.version && kept.project === version && Date.now() < kept.until;
    if (current) return kept.now;
    return this.#putTogether(project, installation);
  }

  async #putTogether(project: string, installation: InstallationRulesNow): Promise<RulesNow> {
    const nowMs = Date.now();
    const { version, exclusions } = await this.#exclusions.all(project);
    const counting = [...exclusions.values()].filter((exclusion) => counts(exclusion, nowMs));
    const until = counting.reduce((first, each) => Math.min(first, endOf(each)), Number.POSITIVE_INFINITY);
    const rules: ScopeRules = {
      allowPrivate: installation.allowPrivate,
      ...(installation.allowed && { allowed: installation.allowed }),
      exclusions: [
        ...installation.excluded.map((entry) => ({ level: 'installation' as const, entry })),
        ...counting.map(({ entry }) => ({ level: 'project' as const, entry })),
      ],
    };
    const now = { rules, version: `${installation.version}.${version}.${exclusions.size - counting.length}` };
    this.#keep(project, { now, installation: installation.version, project: version, until });
    return now;
  }

  #keep(project: string, kept: Kept): void {
    this.#kept.delete(project);
    this.#kept.set(project, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

const MOST_KEPT = 64;

interface Kept {
  now: RulesNow;
  installation: number;
  project: string;
  /** Epoch milliseconds: then the first of the exclusions ends. */
  until: number;
}

function endOf({ until }: Exclusion): number {
  return until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
}

/** Does it still count? */
export function counts(exclusion: Exclusion, nowMs: number): boolean {
  return nowMs < endOf(exclusion);
}
