import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { RulesRef } from '../../model/submission.ts';
import { cacheSize } from '../../runtime/cacheSize.ts';
import type { Compute, Task } from '../../runtime/compute.ts';
import { COMPILE_ALLOWLIST, COMPILE_LIST } from '../../targets/planningTasks.ts';
import { type CompiledRules, rulesWithout, withList } from '../../targets/scope/compiledRules.ts';
import { type Exclusion, type Level, type ScopeRules, sumRanges } from '../../targets/scope/rules.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';
import { quotaOwner } from '../quota/quota.ts';
import { COUNT_KEY } from '../quota/scripts.ts';
import { rulesKey } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';

/** Put off whenever a submission refers to them, and while it is sent: longer than any is kept after its end. */
const LIFE_S = 14 * 24 * 3600;
/** Rules that are kept ready. An installation's may take some 20 MB; those of a project lie on top of them. */
const INSTALLATIONS = { max: 3, maxSize: 96 * 2 ** 20 };
/** All of them together may take as many bytes as one of them for its ranges. */
const PROJECTS = { max: 16, maxSize: 32 * 2 ** 20 };

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

/** The rules of the installation. */
export interface InstallationPart {
  allowPrivate: boolean;
  /** As typed; absent: everything that is globally reachable. */
  allowed?: readonly string[];
  exclusions: readonly string[];
}

/** Whoever asks while something is compiled waits for it, also when it has to make room for others meanwhile. */
function compiledOnce(bounds: { max: number; maxSize: number }) {
  return new LRUCache<string, CompiledRules, () => Promise<CompiledRules>>({
    ...bounds,
    sizeCalculation: ({ ownBytes }) => cacheSize(ownBytes, bounds.maxSize),
    fetchMethod: (_key, _stale, { context: compile }) => compile(),
    ignoreFetchAbort: true,
  });
}

/** Keeps the rules of installation and projects once for each content, however many submissions refer to them. */
export class RuleStore {
  readonly #redis: Redis;
  readonly #compute: Compute;
  readonly #installations = compiledOnce(INSTALLATIONS);
  readonly #projects = compiledOnce(PROJECTS);
  /** Ends with the last that was begun of those that are compiled: one at a time takes the memory of one. */
  #compiling: Promise<unknown> = Promise.resolve();

  constructor(redis: Redis, compute: Compute) {
    this.#redis = redis;
    this.#compute = compute;
  }

  /** Writes what is not kept yet, and puts off the end of the rest. What its rules take counts for the project. */
  async hold({ ref, installation, project }: SharedRules, owner: string): Promise<void> {
    const isThere = await this.putOff(ref);
    for (const [index, hash] of hashesOf(ref).entries()) {
      const part = index === 0 ? installation : project;
      if (!isThere[index]) await this.#redis.set(rulesKey(hash), JSON.stringify(part), 'EX', LIFE_S);
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

  /** Ready for use, with what a request excludes, and what its scan got later, behind them. Compiled once for each content. */
  async compiled(
    shared: SharedRules,
    request: readonly string[],
    later: readonly Exclusion[] = [],
  ): Promise<CompiledRules> {
    return this.#withLater(await this.#compile(shared), request, later);
  }

  /** The same of what is kept. undefined: nobody has referred to them for long. */
  async compiledOf(
    ref: RulesRef,
    request: readonly string[],
    later: readonly Exclusion[] = [],
  ): Promise<CompiledRules | undefined> {
    const ready =
      ref.project === undefined ? this.#installations.get(ref.installation) : this.#projects.get(idOf(ref));
    if (ready !== undefined) return this.#withLater(ready, request, later);
    const shared = await this.read(ref);
    return shared && this.compiled(shared, request, later);
  }

  /** These exclusions and nothing else, ready for use. */
  async compiledAlone(exclusions: readonly Exclusion[]): Promise<CompiledRules> {
    return this.#withExclusions(rulesWithout(true, undefined), exclusions);
  }

  #compile({ ref, installation, project }: SharedRules): Promise<CompiledRules> {
    const base = this.#installations.forceFetch(ref.installation, {
      context: async () => {
        const { allowPrivate, allowed, exclusions } = installation;
        const allowlist = allowed && (await this.#run(COMPILE_ALLOWLIST, [allowed], allowed));
        return this.#withList(rulesWithout(allowPrivate, allowlist), 'installation', exclusions);
      },
    });
    if (ref.project === undefined) return base;
    return this.#projects.forceFetch(idOf(ref), {
      context: async () => this.#withList(await base, 'project', project),
    });
  }

  #withList(base: CompiledRules, level: Level, entries: readonly string[]): Promise<CompiledRules> {
    return this.#withExclusions(base, at(level, entries));
  }

  async #withLater(
    base: CompiledRules,
    request: readonly string[],
    later: readonly Exclusion[],
  ): Promise<CompiledRules> {
    return this.#withExclusions(await this.#withList(base, 'request', request), later);
  }

  async #withExclusions(base: CompiledRules, exclusions: readonly Exclusion[]): Promise<CompiledRules> {
    const [first] = exclusions;
    if (first === undefined) return base;
    const { count, ranges, layers } = base;
    const entries = exclusions.map(({ entry }) => entry);
    const lines = entries.join('\n');
    const list = await this.#run(COMPILE_LIST, [{ count, ranges, layers }, first.level, lines], entries);
    return withList(base, exclusions, list);
  }

  /** What is long runs in a thread, after all that was begun before. */
  async #run<Args extends unknown[], Result>(
    task: Task<Args, Result>,
    args: Args,
    entries: readonly string[],
  ): Promise<Result> {
    const ranges = rangesOf(entries);
    if (ranges <= IN_PLACE_RANGES) return task.run(...args);
    const run = () => this.#compute.run(task, args, { bytes: ranges * RANGE_BYTES });
    const result = this.#compiling.then(run, run);
    this.#compiling = result;
    return result;
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

function at(level: Level, entries: readonly string[]): Exclusion[] {
  return entries.map((entry) => ({ level, entry }));
}

function hashesOf({ installation, project }: RulesRef): string[] {
  return project === undefined ? [installation] : [installation, project];
}

function idOf({ installation, project }: RulesRef): string {
  return `${installation} ${project}`;
}
