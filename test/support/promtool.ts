import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { findPromtool } from '../../tools/services/binaries.ts';

/** Runs Prometheus' own checker and gives its exit code and all that it says. */
export async function promtool(args: readonly string[], input = ''): Promise<{ code: number; told: string }> {
  const program = findPromtool();
  if (program === undefined) throw new Error('there is no promtool on this machine');
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const code = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? -1));
  });
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, told: out + error };
}

/** The values of an answer of `/metrics`, by `name{labels}` as written there. */
export function valuesOf(metrics: string): Map<string, number> {
  const lines = metrics.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}
