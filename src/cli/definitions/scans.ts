import type { Command } from 'commander';
import { action } from '../action.ts';
import { allProjects, choice, collected, SCAN, TARGETS, wholeNumber, withLimit } from './arguments.ts';

const STATES = ['planning', 'dispatching', 'paused', 'done', 'finished', 'stopped', 'failed'];
const TARGET_STATES = ['waiting', 'queued', 'running', 'done', 'refused', 'dropped', 'stopped', 'failed'];
const REASONS = [
  ...['already_in_scanledger', 'already_in_queue', 'forbidden', 'private_ip', 'unresolvable', 'other'],
];
const NEWEST = `${SCAN}; without one, the newest`;

/** Planning, starting and looking. */
export function addScanCommands(program: Command): void {
  withScanOptions(program.command('plan'))
    .description('shows what a scan would do, and sends nothing')
    .action(action(async () => (await import('../commands/plan.ts')).plan));
  program
    .command('check')
    .description('tells what is wrong with a list, and how to write it; keeps nothing')
    .argument('[targets...]', TARGETS)
    .option('-t, --target <target>', 'a target, whatever files there are; may be repeated', collected)
    .action(action(async () => (await import('../commands/check.ts')).check));
  withScanOptions(program.command('run'))
    .description('starts a scan')
    .option('--plan <id>', 'scan exactly what this plan came to')
    .option('-w, --watch', 'watch it to its end')
    .action(action(async () => (await import('../commands/run.ts')).run));
  program
    .command('watch')
    .description('follows a scan to its end; Ctrl-C ends the watching, not the scan')
    .argument('[id]', NEWEST)
    .action(action(async () => (await import('../commands/watch.ts')).watch));
  withLimit(program.command('list'))
    .description('lists scans, newest first')
    .addOption(choice('--state <state>', 'only those in this state', STATES))
    .addOption(allProjects())
    .option('--user <name>', 'with --all-projects: only those of this user')
    .option(
      '--text <text>',
      'with --all-projects: only those with this in id, user, project or first entries',
    )
    .action(action(async () => (await import('../commands/list.ts')).list));
  program
    .command('show')
    .description('tells all that is known of a scan')
    .argument('[id]', NEWEST)
    .action(action(async () => (await import('../commands/show.ts')).show));
  program
    .command('targets')
    .description('lists what became of each target of a scan')
    .argument('[id]', NEWEST)
    .addOption(choice('--state <state>', 'only those in this state', TARGET_STATES))
    .addOption(choice('--reason <reason>', 'only those refused for this reason', REASONS))
    .option('--text <text>', 'only those of an address, its beginning, a network, or a part of a name')
    .option('--csv', 'as CSV')
    .action(action(async () => (await import('../commands/targets.ts')).targets));
  program
    .command('explain')
    .description('tells why an address, a network or a name was scanned, or was not')
    .argument('<target>', 'an address, a network, a range or a name')
    .action(action(async () => (await import('../commands/explain.ts')).explain));
}

function withScanOptions(command: Command): Command {
  return command
    .argument('[targets...]', TARGETS)
    .option('-t, --target <target>', 'a target, whatever files there are; may be repeated', collected)
    .option('--profile <file>', 'options in YAML or JSON, fields as in the API; the command line wins')
    .option('-p, --ports <list>', 'like 22,80,8000-8100')
    .option('--top-ports <n>', 'the n most common ports; without any choice of ports 1000', wholeNumber)
    .option('--udp', 'UDP in the place of TCP')
    .option('-x, --exclude <entry>', 'leave this out; may be repeated, and adds to the profile', collected)
    .option('--exclude-file <file>', 'leave out what stands in this file')
    .addOption(
      choice('--mode <mode>', 'what ScanLedger does with results', ['insert', 'replace', 'update', 'append']),
    )
    .option('--timeout <seconds>', 'for each phase of a scan', wholeNumber)
    .option('--services', 'look for services, too')
    .option('--no-services', 'look for open ports only')
    .option('--priority <n>', '1 to 5, a lower number goes first', wholeNumber)
    .addOption(choice('--ip-version <version>', 'which addresses of names', ['4', '6', 'any']))
    .option('--single-resolve', 'only one address of each name')
    .option('--port-shards <n>', 'cut the ports into so many tasks', wholeNumber)
    .addOption(choice('--on-invalid <how>', 'what to do with lines that cannot be read', ['refuse', 'skip']));
}
