import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { RulesRef } from '../../model/submission.ts';
import { cacheSize } from '../../runtime/cacheSize.ts';
import type { Compute } from '../../runtime/compute.ts';
import { COMPILE_ALLOWLIST, COMPILE_LIST } from '../../targets/planningTasks.ts';
import {
  type Allowlist,
  type CompiledList,
  type CompiledRules,
  rulesWithout,
  withList,
} from '../../targets/scope/compiledRules.ts';
import { type Exclusion, type Level, type ScopeRules, sumRanges } from '../../targets/scope/rules.ts';
import { MOST_RULE_RANGES, RangeSum } from '../../targets/sets/rangeLimit.ts';
import { quotaOwner } from '../quota/quota.ts';
import { COUNT_KEY } from '../quota/scripts.ts';
import { rulesKey } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';

/** Put off whenever a submission refers to them, and while it is sent: longer than any is kept after its end. */
const LIFE_S = 14 * 24 * 3600;
/** Rules that are kept ready. An installation's may take some 20 MB; those of a project lie on top of them. */
const MOST_INSTALLATIONS = 3;
const MOST_PROJECTS = 16;
/** Bytes of those of projects together; of one it is 32 MB at most for its ranges. */
const HEAVIEST_PROJECTS = 32 * 2 ** 20;

/** Ranges that are compiled in place: a few milliseconds. */
const IN_PLACE_RANGES = 2_000;
/** Of memory that a thread takes for a range meanwhile, about. */
const RANGE_BYTES = 100;

/** The rules that submissions share, with their content's hashes. */
export interface SharedRules {
  ref: RulesRef;
  installation: InstallationPart;
  /** What the project excludes, as typed. */
  project: readonly string[];
}

interface InstallationPart {
  allowPrivate: boolean;
  /** As typed; absent: everything that is globally reachable. */
  allowed?: readonly string[];
  exclusions: readonly string[];
}

type Compile = () => Promise<CompiledRules>;

/** Whoever asks while something is compiled waits for it, also when it has to make room for others meanwhile. */
const COMPILED_ONCE: Pick<
  LRUCache.OptionsBase<string, CompiledRules, Compile>,
  'fetchMethod' | 'ignoreFetchAbort'
> = {
  fetchMethod: (_key, _stale, { context: compile }) => compile(),
  ignoreFetchAbort: true,
};

/** Keeps the rules of installation and projects once for each content, however many submissions refer to them. */
export class RuleStore {
  readonly #redis: Redis;
  readonly #compute: Compute;
  readonly #installations = new LRUCache<string, CompiledRules, Compile>({
    max: MOST_INSTALLATIONS,
    ...COMPILED_ONCE,
  });
  readonly #projects = new LRUCache<string, CompiledRules, Compile>({
    max: MOST_PROJECTS,
    maxSize: HEAVIEST_PROJECTS,
    sizeCalculation: ({ ownBytes }) => cacheSize(ownBytes, HEAVIEST_PROJECTS),
    ...COMPILED_ONCE,
  });
  /** Ends with the last that was begun of those that are compiled: one at a time takes the memory of one. */
  #compiling: Promise<unknown> = Promise.resolve();

  constructor(redis: Redis, compute: Compute) {
    this.#redis = redis;
    this.#compute = compute;
  }

  /** Writes what is not kept yet, and puts off the end of the rest. What its rules take counts for the project. */
  async hold({ ref, installation, project }: SharedRules, owner: string): Promise<void> {
    const isThere = await this.putOff(ref);
    for (const [index, part] of [installation, project].entries()) {
      const hash = hashesOf(ref)[index];
      if (hash === undefined || isThere[index]) continue;
      await this.#redis.set(rulesKey(hash), JSON.stringify(part), 'EX', LIFE_S);
    }
    if (ref.project !== undefined)
      await COUNT_KEY.run(this.#redis, [rulesKey(ref.project), quotaOwner('project', owner)], []);
  }

  /** Puts off the end of what is kept. Gives for each hash whether there was something. */
  async putOff(ref: RulesRef): Promise<boolean[]> {
    const pipeline = this.#redis.pipeline();
    for (const hash of hashesOf(ref)) pipeline.expire(rulesKey(hash), LIFE_S);
    return repliesOf<number>(await pipeline.exec()).map((reply) => reply === 1);
  }

  /** undefined: nobody has referred to them for long. */
  async read(ref: RulesRef): Promise<SharedRules | undefined> {
    const [installation, project] = await Promise.all([
      this.#redis.get(rulesKey(ref.installation)),
      ref.project === undefined ? '[]' : this.#redis.get(rulesKey(ref.project)),
    ]);
    if (installation === null || project === null) return undefined;
    return {
      ref,
      installation: JSON.parse(installation) as InstallationPart,
      project: JSON.parse(project) as string[],
    };
  }

  /** Ready for use, with what a request excludes behind them. Compiled once for each content. */
  async compiled(shared: SharedRules, request: readonly string[]): Promise<CompiledRules> {
    return this.#withList(await this.#compile(shared), at('request', request));
  }

  /** The same of what is kept. undefined: nobody has referred to them for long. */
  async compiledOf(ref: RulesRef, request: readonly string[]): Promise<CompiledRules | undefined> {
    const ready =
      ref.project === undefined ? this.#installations.get(ref.installation) : this.#projects.get(idOf(ref));
    if (ready !== undefined) return this.#withList(ready, at('request', request));
    const shared = await this.read(ref);
    return shared && this.compiled(shared, request);
  }

  #compile({ ref, installation, project }: SharedRules): Promise<CompiledRules> {
    const { allowPrivate, allowed, exclusions } = installation;
    const base = this.#installations.forceFetch(ref.installation, {
      context: async () =>
        this.#withList(
          rulesWithout(allowPrivate, allowed && (await this.#allowlist(allowed))),
          at('installation', exclusions),
        ),
    });
    if (ref.project === undefined) return base;
    return this.#projects.forceFetch(idOf(ref), {
      context: async () => this.#withList(await base, at('project', project)),
    });
  }

  async #withList(base: CompiledRules, more: readonly Exclusion[]): Promise<CompiledRules> {
    return more.length === 0 ? base : withList(base, more, await this.#compiledList(base, more));
  }

  async #compiledList(base: CompiledRules, more: readonly Exclusion[]): Promise<CompiledList> {
    const { count, ranges, layers } = base;
    const { level } = more[0] as Exclusion;
    const lines = more.map(({ entry }) => entry).join('\n');
    const given: Parameters<typeof COMPILE_LIST.run> = [{ count, ranges, layers }, level, lines];
    const made = rangesOf(more.map(({ entry }) => entry));
    // Too many are refused before anything is made of them.
    if (made <= IN_PLACE_RANGES || ranges + made > MOST_RULE_RANGES) return COMPILE_LIST.run(...given);
    const compile = () => this.#compute.run(COMPILE_LIST, given, { bytes: made * RANGE_BYTES });
    const compiled = this.#compiling.then(compile, compile);
    this.#compiling = compiled;
    return compiled;
  }

  async #allowlist(allowed: readonly string[]): Promise<Allowlist> {
    const made = rangesOf(allowed);
    if (made <= IN_PLACE_RANGES) return COMPILE_ALLOWLIST.run(allowed);
    return this.#compute.run(COMPILE_ALLOWLIST, [allowed], { bytes: made * RANGE_BYTES });
  }
}

/** At least: of a long list nobody needs to know. */
function rangesOf(entries: readonly string[]): number {
  if (entries.length > IN_PLACE_RANGES) return entries.length;
  return sumRanges(entries, new RangeSum()).total;
}

/** The name under which a content is kept. */
export function hashOf(part: InstallationPart | readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(part)).digest('hex');
}

/** All rules of a submission in one list, to be compared. */
export function scopeRulesOf(
  { installation: { exclusions, ...rest }, project }: SharedRules,
  request: readonly string[],
): ScopeRules {
  return {
    ...rest,
    exclusions: [...at('installation', exclusions), ...at('project', project), ...at('request', request)],
  };
}

function at(level: Level, entries: readonly string[]): { level: Level; entry: string }[] {
  return entries.map((entry) => ({ level, entry }));
}

function hashesOf({ installation, project }: RulesRef): string[] {
  return project === undefined ? [installation] : [installation, project];
}

function idOf({ installation, project }: RulesRef): string {
  return `${installation} ${project}`;
}
