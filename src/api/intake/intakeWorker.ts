import { move, transferableSymbol, valueSymbol } from 'piscina';
import { finished } from '../../targets/sets/intervals.ts';
import { readExclusions, readRemoved } from '../exclusions/body.ts';
import { type Intake, type IntakeLimits, readScanRequest } from './intake.ts';

/** What a worker thread of the intake pool reads, and with what. */
export type IntakeTask =
  | { kind: 'scan'; body: Uint8Array; limits: IntakeLimits }
  | { kind: 'exclusions'; body: Uint8Array; rest: ReadExclusionsRest }
  | { kind: 'removed'; body: Uint8Array };
type ReadExclusionsRest =
  Parameters<typeof readExclusions> extends [Uint8Array, ...infer Rest] ? Rest : never;

/** What a worker thread of the intake pool runs. (A default export, because that is what the pool looks for.) */
export default function work(task: IntakeTask): unknown {
  switch (task.kind) {
    case 'scan': {
      const read = readScanRequest(task.body, task.limits);
      return read.ok && 'request' in read ? handedOver(read, read.request.entries.buffer) : read;
    }
    case 'exclusions':
      return finished(readExclusions(task.body, ...task.rest));
    case 'removed':
      return finished(readRemoved(task.body));
  }
}

/** The entries change hands instead of being copied: they may be megabytes, and the other side would have to wait. */
function handedOver(read: Intake, buffer: ArrayBuffer): Intake {
  return move({ [transferableSymbol]: [buffer], [valueSymbol]: read }) as unknown as Intake;
}
