import type { Command } from 'commander';
import { action } from '../action.ts';
import { kill, SCAN, TARGETS, wholeNumber } from './arguments.ts';

const WHOLE = 'the whole project';
const EVERYTHING = 'everything (admins)';

/** What changes scans that are under way. */
export function addSteeringCommands(program: Command): void {
  program
    .command('pause')
    .description('sends nothing more of a scan, for now')
    .argument('[id]', SCAN)
    .option('--whole-project', WHOLE)
    .option('--everything', EVERYTHING)
    .addOption(kill())
    .option('--why <text>', 'what others are told')
    .action(action(async () => (await import('../commands/pause.ts')).pause));
  program
    .command('resume')
    .description('goes on after a pause')
    .argument('[id]', SCAN)
    .option('--whole-project', WHOLE)
    .option('--everything', EVERYTHING)
    .action(action(async () => (await import('../commands/pause.ts')).resume));
  program
    .command('cancel')
    .description('takes back what is left of a scan')
    .argument('<id>', SCAN)
    .addOption(kill())
    .action(action(async () => (await import('../commands/steer.ts')).cancel));
  program
    .command('priority')
    .description('lets a scan go first, or last')
    .argument('<id>', SCAN)
    .argument('<n>', '1 to 5, a lower number goes first; 1 is for admins', wholeNumber)
    .action(action(async () => (await import('../commands/steer.ts')).priority));
  program
    .command('retry-failed')
    .description('sends again what workers began and never ended')
    .argument('<id>', SCAN)
    .action(action(async () => (await import('../commands/steer.ts')).retryFailed));
  program
    .command('retry-stages')
    .description('goes on with the stages of a scan that gave up')
    .argument('<id>', SCAN)
    .action(action(async () => (await import('../commands/steer.ts')).retryStages));
  program
    .command('cancel-targets')
    .description('takes targets out of all scans of the project, or of one')
    .argument('<targets...>', TARGETS)
    .option('--scan <id>', 'only out of this scan')
    .action(action(async () => (await import('../commands/steer.ts')).cancelTargets));
  program
    .command('stop')
    .description('stops all scans and plans of the project; says what it will do, and asks')
    .option('-y, --yes', 'do not ask')
    .action(action(async () => (await import('../commands/stop.ts')).stop));
}
