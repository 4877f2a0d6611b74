import { parse as uuidParse, v5 as uuidV5 } from 'uuid';

/** The same submission, address and ports give the same id: a batch that is sent again repeats its ids. */
export function taskIds(submission: string, ips: readonly string[], ports: string): string[] {
  const namespace = uuidParse(submission);
  return ips.map((ip) => uuidV5(`${ip} ${ports}`, namespace));
}
