import { type Command, InvalidArgumentError, Option } from 'commander';

/** For options and arguments that are numbers. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

/** One that only takes these. */
export function choice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}

/** For options that may be given more than once. */
export function collected(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** For lists that come page by page. */
export function withLimit(command: Command): Command {
  return command.option('-n, --limit <n>', 'at most so many', wholeNumber, 20).option('--all', 'all of them');
}

/** In the place of the project. */
export function allProjects(): Option {
  return new Option('--all-projects', 'of all projects');
}

/** What runs now, when something is taken back. */
export function kill(): Option {
  return new Option('--kill', 'also end what runs; without it that goes on to its end');
}

export const PLAN = "the plan's id";
export const SCAN = "the scan's id";
export const TARGETS = 'addresses, networks, ranges, names; files with such; - for stdin';
