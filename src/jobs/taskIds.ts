import { parse as uuidParse, v5 as uuidV5 } from 'uuid';
import type { DispatchState } from '../adapters/dispatch/targetStore.ts';
import { shortPorts } from '../adapters/workers/shortPorts.ts';
import type { TaskOut } from '../adapters/workers/taskStore.ts';
import { type Address, parseAddress } from '../targets/address/address.ts';

/** The same submission, address and ports give the same id: a batch that is sent again repeats its ids. */
export function taskIds(submission: string, tasks: readonly { ip: string; ports: string }[]): string[] {
  const namespace = uuidParse(submission);
  // The tasks of a batch have few strings of ports between them, and long ones are hashed once.
  const short = new Map<string, string>();
  return tasks.map(({ ip, ports }) => {
    const known = short.get(ports) ?? shortPorts(ports);
    short.set(ports, known);
    return uuidV5(`${ip} ${known}`, namespace);
  });
}

/** The tasks of each of these targets, by part. */
export function tasksOf(
  { id, parts }: Pick<DispatchState, 'id' | 'parts'>,
  ips: readonly string[],
): string[][] {
  const ids = taskIds(
    id,
    ips.flatMap((ip) => parts.map((ports) => ({ ip, ports }))),
  );
  return ips.map((_, index) => ids.slice(index * parts.length, (index + 1) * parts.length));
}

export interface PlacedTask {
  id: string;
  ip: string;
  address: Address;
}

/** Those of the tasks that are out of which it is known which address they are for. */
export function placedTasks(tasks: readonly TaskOut[]): PlacedTask[] {
  return tasks.flatMap(({ id, ip = '' }) => {
    const address = parseAddress(ip);
    return address === undefined ? [] : [{ id, ip, address }];
  });
}

/** Those of the tasks that the submission gives to their addresses, each with its part of the ports. */
export function ownTasks(
  sending: Pick<DispatchState, 'id' | 'parts'>,
  tasks: readonly PlacedTask[],
): { task: PlacedTask; part: number }[] {
  const ids = tasksOf(
    sending,
    tasks.map(({ ip }) => ip),
  );
  return tasks.flatMap((task, index) => {
    const part = ids[index]?.indexOf(task.id) ?? -1;
    return part < 0 ? [] : [{ task, part }];
  });
}
