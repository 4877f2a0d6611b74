import { move, transferableSymbol, valueSymbol } from 'piscina';
import { type Intake, type IntakeLimits, readScanRequest } from './intake.ts';

/** What a worker thread of the intake pool runs. (A default export, because that is what the pool looks for.) */
export default function work({ body, limits }: { body: Uint8Array; limits: IntakeLimits }): Intake {
  const read = readScanRequest(body, limits);
  return read.ok && 'request' in read ? handedOver(read, read.request.entries.buffer) : read;
}

/** The entries change hands instead of being copied: they may be megabytes, and the other side would have to wait. */
function handedOver(read: Intake, buffer: ArrayBuffer): Intake {
  return move({ [transferableSymbol]: [buffer], [valueSymbol]: read }) as unknown as Intake;
}
