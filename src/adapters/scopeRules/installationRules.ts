import { statSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import { readExclusionsFile } from '../../config/exclusions.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { sumRanges } from '../../targets/scope/rules.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';
import type { InstallationPart } from './ruleStore.ts';

type Settings = Pick<
  Config,
  'allowPrivateTargets' | 'allowedHosts' | 'excludedHosts' | 'excludedHostsFile' | 'allowSingleLabel'
>;

/** What holds for the whole installation: another object whenever something in it is another. */
export interface InstallationRulesNow {
  part: InstallationPart;
  /** Separate ranges of all of them. */
  ranges: number;
}

/** How often the file is looked at, at most. */
const LOOK_EVERY_MS = 1_000;

/** The scope rules out of the settings, and out of a file that is read again whenever it changes. */
export class InstallationRules {
  readonly #settings: Settings;
  readonly #log: Logger;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #seen = '';
  /** A text: why nothing may be scanned. */
  #now: InstallationRulesNow | string;

  constructor(settings: Settings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
    this.#now = this.#with([]);
  }

  /**
   * The rules as they are now.
   * @throws ServiceUnavailableError while the file cannot be read: nothing must be scanned on half a list
   */
  now(): InstallationRulesNow {
    this.#look();
    if (typeof this.#now === 'string') throw new ServiceUnavailableError('exclusions file', this.#now);
    return this.#now;
  }

  /** Each list may be short enough, and all together too long. */
  #with(fromFile: readonly string[]): InstallationRulesNow | string {
    const { allowPrivateTargets: allowPrivate, allowedHosts: allowed, excludedHosts } = this.#settings;
    const exclusions = [...excludedHosts, ...fromFile];
    const sum = sumRanges([...(allowed ?? []), ...exclusions], new RangeSum());
    const problem = sum.problem();
    if (problem !== undefined) return `ALLOWED_HOSTS, EXCLUDED_HOSTS and EXCLUDED_HOSTS_FILE: ${problem}`;
    return { part: { allowPrivate, ...(allowed && { allowed }), exclusions }, ranges: sum.total };
  }

  #look(): void {
    const { excludedHostsFile: file, allowSingleLabel } = this.#settings;
    const now = performance.now();
    if (file === undefined || now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const seen = stateOf(file);
    if (seen === this.#seen) return;
    this.#seen = seen;
    try {
      const fromFile = readExclusionsFile(file, { allowSingleLabel });
      this.#now = this.#with(fromFile);
      this.#log.info({ entries: fromFile.length, file }, 'exclusions file read');
    } catch (error) {
      this.#now = `EXCLUDED_HOSTS_FILE ${file}: ${messageOf(error)}; nothing is scanned until it can be read`;
      this.#log.error({ err: this.#now }, 'the exclusions file cannot be read');
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
