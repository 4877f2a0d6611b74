/** The tree of commands: their names, options and help. What they do is loaded when they are called. */
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { addHistoryCommands } from './definitions/history.ts';
import { addInstallationCommands } from './definitions/installation.ts';
import { addPlanCommands } from './definitions/plans.ts';
import { addScanCommands } from './definitions/scans.ts';
import { addScopeCommands } from './definitions/scope.ts';
import { addSetUpCommands } from './definitions/setUp.ts';
import { addSteeringCommands } from './definitions/steering.ts';
import { EXIT, type Exit, type ExitCode } from './exitCodes.ts';
import { exitOf } from './failures.ts';
import type { GlobalOptions } from './session.ts';
import { withoutControls } from './terminal/text.ts';

const AFTER_HELP = `
Where and who:
  TASKER_URL, TASKER_TOKEN, TASKER_PROJECT and TASKER_CA, or what tasker login stored.

Exit codes:
  0 done                    4 wrong token, not allowed     8 the scan failed or was stopped
  1 a defect                5 unknown certificate        130 Ctrl-C
  2 wrong command or file   6 refused by Tasker            9 the doctor found something to change
  3 no server               7 busy or away: try again`;

export function createProgram(version: string): Command {
  const program = new Command('tasker')
    .description('Plans, starts, watches and steers the scans of a Tasker.')
    .version(version)
    .option('--url <url>', 'the server')
    .option('--project <id>', 'the project, a UUID')
    .option('--ca <file>', "the server's certificate, or that of who signed it, in PEM")
    .option('--json', 'results as JSON, one value a line')
    .option('--no-color', 'no colours; there are none either with NO_COLOR, or where no terminal is')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', AFTER_HELP)
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput(ONE_LINE);
  addScanCommands(program);
  addSteeringCommands(program);
  addScopeCommands(program);
  addPlanCommands(program);
  addHistoryCommands(program);
  addInstallationCommands(program);
  addSetUpCommands(program);
  for (const command of everyCommand(program)) command.configureOutput(ONE_LINE).exitOverride();
  return program;
}

const ONE_LINE: OutputConfiguration = {
  outputError: (text, write) => write(text.replace(/^error: /, 'tasker: ')),
};

function* everyCommand(command: Command): Generator<Command> {
  for (const child of command.commands) {
    yield child;
    yield* everyCommand(child);
  }
}

/** Runs a command line to its end. Never throws. */
export async function runProgram(args: readonly string[], version: string): Promise<ExitCode> {
  const program = createProgram(version);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    return tell(exitOf(thrown), program.opts<GlobalOptions>().json ?? false);
  }
}

function tell({ code, message, details, answer }: Exit, json: boolean): ExitCode {
  const said = message === '' ? [] : `tasker: ${message}`.split('\n');
  const lines = [...details, ...said];
  if (json) process.stderr.write(`${JSON.stringify({ exit: code, message, details, answer })}\n`);
  else for (const line of lines) process.stderr.write(`${withoutControls(line)}\n`);
  return code;
}
