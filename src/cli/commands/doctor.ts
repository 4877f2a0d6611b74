import { runDoctor } from '../../checks/doctor.ts';
import { loadEnvironment } from '../../config/config.ts';
import { EXIT, Exit } from '../exitCodes.ts';
import type { GlobalOptions } from '../session.ts';

/** Reads the settings of the service, not those of the command line: they say where Redis and the others are. */
export async function doctor({ json = false }: GlobalOptions): Promise<void> {
  const write = (text: string) => void process.stdout.write(text);
  if (!(await runDoctor(loadEnvironment(process.cwd()), write, { json }))) throw new Exit(EXIT.toChange);
}
