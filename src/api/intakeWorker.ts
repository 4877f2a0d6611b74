import { type Intake, type IntakeLimits, readScanRequest } from './intake.ts';

/** What a worker thread of the intake pool runs. (A default export, because that is what the pool looks for.) */
export default function work({ body, limits }: { body: Uint8Array; limits: IntakeLimits }): Intake {
  return readScanRequest(body, limits);
}
