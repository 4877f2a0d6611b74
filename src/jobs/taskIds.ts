import { parse as uuidParse, v5 as uuidV5 } from 'uuid';
import { shortPorts } from '../adapters/shortPorts.ts';

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
