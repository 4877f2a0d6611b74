/** What the workers write down of each task: in a file, so that it outlives a worker that is killed. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * - `begun`: the worker has the task in hand
 * - `scanned`: it was scanned to its end
 * - `cancelled`: it was ended before that
 * - `acknowledged`: RabbitMQ was told that the worker is through with it
 */
export type Happened = 'begun' | 'scanned' | 'cancelled' | 'acknowledged';

export interface Record {
  atMs: number;
  what: Happened;
  task: string;
  ip: string;
  project: string;
  ports: string;
  /** The process of the worker: one that was killed and started again has another one. */
  pid: number;
}

/** Lines of several processes do not mix: each is one write at the end of the file. */
export function openRecords(path: string): { write(record: Record): void; close(): void } {
  const file = openSync(path, 'a');
  return {
    write(record) {
      writeSync(file, `${JSON.stringify(record)}\n`);
      fsyncSync(file);
    },
    close: () => closeSync(file),
  };
}

export function readRecords(path: string): Record[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record);
}
