import type { Command } from 'commander';
import { exitOf } from './failures.ts';
import { type GlobalOptions, openSession, type Session } from './session.ts';

/** A command as it was called. */
export interface Call<Options = object, Args extends readonly unknown[] = []> {
  session: Session;
  options: Options & GlobalOptions;
  args: Args;
}

/** For `.action(…)`. Loads the command's own code only when it is called. Fails with an Exit. */
export function action<Options, Args extends readonly unknown[]>(
  load: () => Promise<(call: Call<Options, Args>) => Promise<void>>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const run = await load();
    const session = await openSession(options);
    await run({ session, options, args: command.processedArgs as unknown as Args }).catch(
      (error: unknown) => {
        throw exitOf(error, session.settings);
      },
    );
  };
}
