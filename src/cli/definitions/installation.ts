import type { Command } from 'commander';
import { action } from '../action.ts';

/** What all projects share. */
export function addInstallationCommands(program: Command): void {
  program
    .command('projects')
    .description('lists your projects that have scans')
    .action(action(async () => (await import('../commands/installation/projects.ts')).projects));
  program
    .command('workers')
    .description('lists the workers, and what they have in hand')
    .action(action(async () => (await import('../commands/installation/workers.ts')).workers));
  addDispatchCommands(program);
  program
    .command('ready')
    .description('tells whether the services behind the server answer')
    .action(action(async () => (await import('../commands/installation/ready.ts')).ready));
  program
    .command('console')
    .description('prints a link that logs a browser in, once')
    .action(action(async () => (await import('../commands/installation/console.ts')).openConsole));
}

function addDispatchCommands(program: Command): void {
  const dispatch = program
    .command('dispatch')
    .description('how projects share the workers')
    .helpCommand(false);
  dispatch
    .command('show')
    .description('tells what is sent, and how all projects share the workers (admins)')
    .action(action(async () => (await import('../commands/installation/dispatch.ts')).showDispatch));
  dispatch
    .command('limits')
    .description('tells weight and limits of the project')
    .action(action(async () => (await import('../commands/installation/dispatch.ts')).showLimits));
  dispatch
    .command('set')
    .description('sets weight or limits of the project (admins); the others stay')
    .option('--weight <n>', 'share beside others, 0.1 to 100')
    .option('--max-running <n>', 'tasks at once, or none for any number')
    .option('--per-network <limits>', 'like tasks=2,per_minute=30, or none')
    .action(action(async () => (await import('../commands/installation/dispatch.ts')).setLimits));
}
