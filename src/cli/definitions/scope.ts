import type { Command } from 'commander';
import { action } from '../action.ts';
import { TARGETS } from './arguments.ts';

/** What is never scanned. */
export function addScopeCommands(program: Command): void {
  const exclude = program
    .command('exclude')
    .description('what is never scanned in the project')
    .helpCommand(false);
  withExclusionOptions(exclude.command('add'))
    .description('excludes targets, at once: also what waits and runs')
    .action(action(async () => (await import('../commands/exclusions.ts')).addExclusions));
  withExclusionOptions(exclude.command('replace'))
    .description('excludes these targets, and ends all other exclusions')
    .action(action(async () => (await import('../commands/exclusions.ts')).replaceExclusions));
  exclude
    .command('list')
    .description('lists the exclusions')
    .action(action(async () => (await import('../commands/exclusions.ts')).listExclusions));
  exclude
    .command('end')
    .description('ends exclusions')
    .argument('<targets...>', 'as they are listed')
    .action(action(async () => (await import('../commands/exclusions.ts')).endExclusions));
  program
    .command('receipt')
    .description('tells since when nothing touches what was excluded or cancelled')
    .argument('<id>', 'as exclude add and cancel-targets tell it; or installation')
    .action(action(async () => (await import('../commands/receipt.ts')).receipt));
}

function withExclusionOptions(command: Command): Command {
  return command
    .argument('<targets...>', `${TARGETS}; or *.domain`)
    .option('--why <text>', 'the reason')
    .option('--until <time>', 'a day, or ISO 8601 with a zone; without one, until it is ended')
    .option('--locked', 'only an admin may end it')
    .option('--finish', 'let what runs end by itself');
}
