import { Piscina } from 'piscina';
import { inTurns } from '../../runtime/turns.ts';
import { readExclusions, readRemoved } from '../exclusions/body.ts';
import { type Intake, type IntakeLimits, readIfQuick } from './intake.ts';
import type { IntakeTask } from './intakeWorker.ts';

/** Bodies up to this size, some 5,000 entries, are read in place in less than 10 ms; bigger ones would be felt by others. */
const IN_PLACE_BYTES = 64 * 1024;
/** The schema of exclusions takes ten times as long for each byte. */
const EXCLUSIONS_IN_PLACE_BYTES = 8 * 1024;

/** Bigger ones are rare: a thread of their own ends with each of them. */
const KEPT_BYTES = 2 ** 20;

type Read<Reader extends (...args: never) => Generator> =
  ReturnType<Reader> extends Generator<unknown, infer Result> ? Result : never;

/** Reads bodies without holding up the others. All take the body over: its bytes may be gone afterwards. */
export interface IntakePool {
  read(body: Uint8Array, limits: IntakeLimits): Promise<Intake>;
  readExclusions(...args: Parameters<typeof readExclusions>): Promise<Read<typeof readExclusions>>;
  readRemoved(body: Uint8Array): Promise<Read<typeof readRemoved>>;
  close(): Promise<void>;
}

export function openIntakePool(): IntakePool {
  const kept = openPool({ idleTimeout: 60_000 });
  // A thread that has read a million entries keeps its memory as long as it lives.
  const oneTime = openPool({ idleTimeout: 0, youngMb: 8 });
  const inThread = async (task: IntakeTask) => {
    const { body } = task;
    const { buffer } = body;
    const transferable = buffer instanceof ArrayBuffer && buffer.byteLength === body.byteLength;
    const pool = body.byteLength <= KEPT_BYTES ? kept : oneTime;
    return pool.run(task, transferable ? { transferList: [buffer] } : {});
  };
  return {
    async read(body, limits) {
      const read = body.byteLength <= IN_PLACE_BYTES ? readIfQuick(body, limits) : undefined;
      return read ?? ((await inThread({ kind: 'scan', body, limits })) as Intake);
    },
    async readExclusions(body, ...rest) {
      if (body.byteLength <= EXCLUSIONS_IN_PLACE_BYTES) return inTurns(readExclusions(body, ...rest));
      return (await inThread({ kind: 'exclusions', body, rest })) as Read<typeof readExclusions>;
    },
    async readRemoved(body) {
      if (body.byteLength <= EXCLUSIONS_IN_PLACE_BYTES) return inTurns(readRemoved(body));
      return (await inThread({ kind: 'removed', body })) as Read<typeof readRemoved>;
    },
    async close() {
      await Promise.all([kept.destroy(), oneTime.destroy()]);
    },
  };
}

function openPool({ idleTimeout, youngMb }: { idleTimeout: number; youngMb?: number }) {
  // The worker is the neighbour of this file, compiled or not; Node needs the loader for the source.
  const source = import.meta.url.endsWith('.ts');
  return new Piscina<IntakeTask, unknown>({
    filename: new URL(source ? './intakeWorker.ts' : './intakeWorker.js', import.meta.url).href,
    execArgv: source ? ['--import', 'tsx'] : [],
    minThreads: 0,
    maxThreads: 2,
    idleTimeout,
    ...(youngMb === undefined ? {} : { resourceLimits: { maxYoungGenerationSizeMb: youngMb } }),
  });
}
