import { Piscina } from 'piscina';
import { PermanentError, ScopeError } from './errors.ts';
import { sayAgain } from './strayLines.ts';

/** A plain function that a thread can run: what goes in and what comes out is data. */
export interface Task<Args extends unknown[], Result> {
  /** Of the function, for the thread. */
  readonly name: string;
  run(...args: Args): Result;
}

/** What a thread is told. */
export interface TaskCall {
  name: string;
  args: unknown[];
}

/** What a thread says; an error that means something to us would lose its class on the way. */
export type TaskReply = { result: unknown } | { error: 'PermanentError' | 'ScopeError'; message: string };

interface HowToRun {
  /** About how many bytes go in. A thread that has read megabytes keeps its memory, so it ends with its task. */
  bytes: number;
  /** These change hands: the caller must not use them any more. */
  handedOver?: readonly Uint8Array[];
  /** Ends the thread when it is aborted. */
  signal?: AbortSignal | undefined;
}

const KEPT_BYTES = 2 ** 20;
const THREADS = 2;

/** Threads for what is long: it would hold up everybody else of the process. */
export class Compute {
  readonly #kept = openPool({ idleTimeout: 60_000 });
  readonly #oneTime = openPool({ idleTimeout: 0, youngMb: 8 });

  /** @throws what the task throws, or the signal's reason */
  async run<Args extends unknown[], Result>(
    { name }: Task<Args, Result>,
    args: Args,
    { bytes, handedOver = [], signal }: HowToRun,
  ): Promise<Result> {
    const pool = bytes <= KEPT_BYTES ? this.#kept : this.#oneTime;
    const transferList = handedOver.filter(isWhole).map(({ buffer }) => buffer);
    signal?.throwIfAborted();
    const reply = await pool
      .run({ name, args }, { transferList, ...(signal && { signal }) })
      .catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : error;
      });
    if ('result' in reply) return reply.result as Result;
    throw new (reply.error === 'ScopeError' ? ScopeError : PermanentError)(reply.message);
  }

  async close(): Promise<void> {
    await Promise.all([this.#kept.destroy(), this.#oneTime.destroy()]);
  }
}

/** A part of a buffer cannot change hands: it is copied. */
function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.byteLength;
}

function openPool({ idleTimeout, youngMb }: { idleTimeout: number; youngMb?: number }) {
  // The worker is compiled or not, like this file; Node needs the loader for the source.
  const source = import.meta.url.endsWith('.ts');
  const pool = new Piscina<TaskCall, TaskReply>({
    filename: new URL(source ? '../computeWorker.ts' : '../computeWorker.js', import.meta.url).href,
    // What it says before its own code runs it would write on standard error by itself.
    execArgv: ['--no-warnings', ...(source ? ['--import', 'tsx'] : [])],
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout,
    ...(youngMb === undefined ? {} : { resourceLimits: { maxYoungGenerationSizeMb: youngMb } }),
  });
  pool.on('message', sayAgain);
  return pool;
}
