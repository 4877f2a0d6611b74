import type { Compute, Task } from '../../runtime/compute.ts';
import { readExclusions, readRemoved } from '../exclusions/body.ts';
import { type Intake, type IntakeLimits, readIfQuick } from './intake.ts';
import { READ_EXCLUSIONS, READ_REMOVED, READ_SCAN } from './intakeTasks.ts';

/** Bodies up to this size, some 5,000 entries, are read in place in less than 10 ms; bigger ones would be felt by others. */
const IN_PLACE_BYTES = 64 * 1024;
/** The schema of exclusions takes ten times as long for each byte. */
const EXCLUSIONS_IN_PLACE_BYTES = 8 * 1024;

type Rest<F> = F extends (body: Uint8Array, ...rest: infer Others) => unknown ? Others : never;

/** Reads bodies without holding up the others. All take the body over: its bytes may be gone afterwards. */
export class BodyReader {
  readonly #compute: Compute;

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  async scan(body: Uint8Array, limits: IntakeLimits): Promise<Intake> {
    const read = body.byteLength <= IN_PLACE_BYTES ? readIfQuick(body, limits) : undefined;
    return read ?? this.#inThread(READ_SCAN, body, [body, limits]);
  }

  async exclusions(
    body: Uint8Array,
    ...rest: Rest<typeof readExclusions>
  ): Promise<ReturnType<typeof readExclusions>> {
    if (body.byteLength <= EXCLUSIONS_IN_PLACE_BYTES) return readExclusions(body, ...rest);
    return this.#inThread(READ_EXCLUSIONS, body, [body, ...rest]);
  }

  async removed(body: Uint8Array): Promise<ReturnType<typeof readRemoved>> {
    if (body.byteLength <= EXCLUSIONS_IN_PLACE_BYTES) return readRemoved(body);
    return this.#inThread(READ_REMOVED, body, [body]);
  }

  #inThread<Args extends unknown[], Result>(
    task: Task<Args, Result>,
    body: Uint8Array,
    args: Args,
  ): Promise<Result> {
    return this.#compute.run(task, args, { bytes: body.byteLength, handedOver: [body] });
  }
}
