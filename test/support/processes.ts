/** What /proc says of processes, also of those that are not our children. */
import { readdirSync, readFileSync } from 'node:fs';

/** A process that has ended and was not waited for (a zombie) does not run. */
export function runs(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

/** The pids of its children that run. */
export function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((child) => statOf(child)?.parent === pid && runs(child));
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    // After the name, which stands in brackets and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? [];
    const [state = '', parent] = fields;
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
