import type { Queue } from 'bullmq';
import { priorityOf, type TurnStore, tagOf } from '../../adapters/dispatch/turnStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';

/** Until it is measured what a task takes. */
const SECONDS_OF_TASK = 1;

/** Gives publish jobs their place in the fair order: a number that is the priority of the job in BullMQ. */
export class Turns {
  readonly #store: TurnStore;
  readonly #queue: Pick<Queue, 'getJobs'>;

  constructor(store: TurnStore, queue: Pick<Queue, 'getJobs'>) {
    this.#store = store;
    this.#queue = queue;
  }

  /** Of a part with so many tasks, behind what its project has waiting. `sent`: the number of the part before it; 0: none. */
  async next(submission: Pick<SubmissionFacts, 'id' | 'project'>, tasks: number, sent = 0): Promise<number> {
    const seconds = tasks * SECONDS_OF_TASK;
    const { number, far } = await this.#store.take(submission, seconds, sent === 0 ? undefined : sent);
    if (far) await this.#moveBack(priorityOf(number));
    return number;
  }

  /** The part with this number was sent, and none of its lane follows. */
  async last(number: number): Promise<void> {
    if (number > 0) await this.#store.begun(number);
  }

  /** Numbers that are taken after the step back are low already, and stay. */
  async #moveBack(priority: number): Promise<void> {
    const inLine = async () =>
      (await this.#queue.getJobs(['prioritized', 'delayed'], 0, -1, true)).filter(
        (job) => priorityOf(job.priority) === priority,
      );
    const before = new Set((await inLine()).map(({ id }) => id));
    const by = await this.#store.moveBack(priority);
    if (by === 0) return;
    for (const job of await inLine()) {
      const tag = tagOf(job.priority);
      if (!before.has(job.id) && tag < by) continue;
      await job.changePriority({ priority: job.priority - Math.min(by, tag) });
    }
  }
}
