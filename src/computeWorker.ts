/** What a thread of {@link Compute} runs. (A default export, because that is what the pool looks for.) */
import { parentPort } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { INTAKE_TASKS } from './api/intake/bodyReader.ts';
import { EXPAND } from './jobs/expand.ts';
import type { Task, TaskCall, TaskReply } from './runtime/compute.ts';
import { PermanentError, ScopeError } from './runtime/errors.ts';
import { handOnStrayLines } from './runtime/strayLines.ts';
import { PLANNING_TASKS } from './targets/planningTasks.ts';

if (parentPort) handOnStrayLines(parentPort);

/** Whatever they take and give. */
type AnyTask = Task<never[], unknown>;

const TASKS = new Map(
  [...PLANNING_TASKS, EXPAND, ...INTAKE_TASKS].map((task) => [task.name, task as AnyTask]),
);
/** Lists of fields are short; longer ones hold no buffers. */
const FEW = 64;

export default async function work(call: TaskCall): Promise<TaskReply> {
  try {
    return replyTo(call);
  } finally {
    // Node tells of warnings in its next tick, and the pool holds a thread that has answered until the next task.
    await new Promise<void>((done) => process.nextTick(done));
  }
}

function replyTo({ name, args }: TaskCall): TaskReply {
  const task = TASKS.get(name);
  if (task === undefined) throw new Error(`no thread knows the task ${name}`);
  try {
    return handedOver({ result: task.run(...(args as never[])) });
  } catch (error) {
    if (error instanceof ScopeError) return { error: 'ScopeError', message: error.message };
    if (error instanceof PermanentError) return { error: 'PermanentError', message: error.message };
    throw error;
  }
}

/** Buffers change hands instead of being copied: they may be megabytes, and the other side would have to wait. */
function handedOver(reply: TaskReply): TaskReply {
  const buffers = [...buffersIn(reply)];
  if (buffers.length === 0) return reply;
  return move({ [transferableSymbol]: buffers, [valueSymbol]: reply }) as unknown as TaskReply;
}

function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (isPlain(value) || (Array.isArray(value) && value.length <= FEW))
    for (const field of Object.values(value)) buffersIn(field, found);
  return found;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
