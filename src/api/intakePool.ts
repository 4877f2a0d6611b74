import { Piscina } from 'piscina';
import { type Intake, type IntakeLimits, readScanRequest } from './intake.ts';

/** Bodies up to this size, some 5,000 entries, are read in place in less than 10 ms; bigger ones would be felt by others. */
const IN_PLACE_BYTES = 64 * 1024;

/** Bigger ones are rare: a thread of their own ends with each of them. */
const KEPT_BYTES = 2 ** 20;

/** Reads scan requests without holding up the others. */
export interface IntakePool {
  /** Takes the body over: its bytes may be gone afterwards. */
  read(body: Uint8Array, limits: IntakeLimits): Promise<Intake>;
  close(): Promise<void>;
}

export function openIntakePool(): IntakePool {
  const kept = openPool({ idleTimeout: 60_000 });
  // A thread that has read a million entries keeps its memory as long as it lives.
  const oneTime = openPool({ idleTimeout: 0, youngMb: 8 });
  return {
    async read(body, limits) {
      if (body.byteLength <= IN_PLACE_BYTES) return readScanRequest(body, limits);
      const { buffer } = body;
      const transferable = buffer instanceof ArrayBuffer && buffer.byteLength === body.byteLength;
      const pool = body.byteLength <= KEPT_BYTES ? kept : oneTime;
      return pool.run({ body, limits }, transferable ? { transferList: [buffer] } : {});
    },
    async close() {
      await Promise.all([kept.destroy(), oneTime.destroy()]);
    },
  };
}

function openPool({ idleTimeout, youngMb }: { idleTimeout: number; youngMb?: number }) {
  // The worker is the neighbour of this file, compiled or not; Node needs the loader for the source.
  const source = import.meta.url.endsWith('.ts');
  return new Piscina<{ body: Uint8Array; limits: IntakeLimits }, Intake>({
    filename: new URL(source ? './intakeWorker.ts' : './intakeWorker.js', import.meta.url).href,
    execArgv: source ? ['--import', 'tsx'] : [],
    minThreads: 0,
    maxThreads: 2,
    idleTimeout,
    ...(youngMb === undefined ? {} : { resourceLimits: { maxYoungGenerationSizeMb: youngMb } }),
  });
}
