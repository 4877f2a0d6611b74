import { Argument, type Command } from 'commander';
import { candidates } from '../completion/candidates.ts';
import { completionScript, SHELLS } from '../completion/shells.ts';

/** What is not about scans. */
export function addSetUpCommands(program: Command): void {
  program
    .command('login')
    .description('stores URL, token and project; asks for the token, or reads it from stdin')
    .action(async (_options: object, command: Command) => {
      const { login } = await import('../commands/installation/login.ts');
      await login(command.optsWithGlobals());
    });
  program
    .command('doctor')
    .description('looks at what the service of this machine needs, and says what to change')
    .action(async (_options: object, command: Command) => {
      const { doctor } = await import('../commands/doctor.ts');
      await doctor(command.optsWithGlobals());
    });
  program
    .command('completion')
    .description('prints what completes commands in a shell: source <(tasker completion bash)')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action((shell: string) => void process.stdout.write(completionScript(shell)));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => void process.stdout.write(candidates(program, words).join('')));
}
