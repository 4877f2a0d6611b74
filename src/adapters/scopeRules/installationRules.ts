import { statSync } from 'node:fs';
import { readExclusionsFile } from '../../config/exclusions.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { sumRanges } from '../../targets/scope/rules.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';

export interface InstallationRulesConfig {
  allowPrivate: boolean;
  /** As typed; undefined: everything that is globally reachable. */
  allowed: readonly string[] | undefined;
  excluded: readonly string[];
  /** Path of a file with more exclusions. */
  excludedFile: string | undefined;
  /** Whether a name in it may be a single label. */
  allowSingleLabel: boolean;
}

/** What holds for the whole installation. `version` changes whenever the rest does. */
export interface InstallationRulesNow {
  allowPrivate: boolean;
  allowed: readonly string[] | undefined;
  excluded: readonly string[];
  version: number;
  /** Separate ranges of all of them. */
  ranges: number;
}

/** How often the file is looked at, at most. */
const LOOK_EVERY_MS = 1_000;

/** The scope rules out of the settings, and out of a file that is read again whenever it changes. */
export class InstallationRules {
  readonly #config: InstallationRulesConfig;
  readonly #log: Logger;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #seen = '';
  #excluded: readonly string[];
  #problem: string | undefined;
  #ranges = 0;
  #version = 0;

  constructor(config: InstallationRulesConfig, log: Logger) {
    this.#config = config;
    this.#excluded = config.excluded;
    this.#log = log;
    this.#sum();
  }

  /**
   * The rules as they are now.
   * @throws ServiceUnavailableError while the file cannot be read: nothing must be scanned on half a list
   */
  now(): InstallationRulesNow {
    this.#look();
    if (this.#problem !== undefined) throw new ServiceUnavailableError('exclusions file', this.#problem);
    const { allowPrivate, allowed } = this.#config;
    return {
      allowPrivate,
      allowed,
      excluded: this.#excluded,
      version: this.#version,
      ranges: this.#ranges,
    };
  }

  /** Each list may be short enough, and all together too long. */
  #sum(): void {
    const all = [...(this.#config.allowed ?? []), ...this.#excluded];
    const sum = sumRanges(all, new RangeSum());
    this.#ranges = sum.total;
    const problem = sum.problem();
    this.#problem = problem && `ALLOWED_HOSTS, EXCLUDED_HOSTS and EXCLUDED_HOSTS_FILE: ${problem}`;
  }

  #look(): void {
    const { excludedFile, allowSingleLabel } = this.#config;
    const now = performance.now();
    if (excludedFile === undefined || now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const seen = stateOf(excludedFile);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#version += 1;
    try {
      const fromFile = readExclusionsFile(excludedFile, { allowSingleLabel });
      this.#excluded = [...this.#config.excluded, ...fromFile];
      this.#sum();
      this.#log.info({ entries: fromFile.length, file: excludedFile }, 'exclusions file read');
    } catch (error) {
      this.#problem = `EXCLUDED_HOSTS_FILE ${excludedFile}: ${messageOf(error)}; nothing is scanned until it can be read`;
      this.#log.error({ err: this.#problem }, 'the exclusions file cannot be read');
    }
  }
}

/** Another text whenever the file has changed. */
function stateOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return messageOf(error);
  }
}
