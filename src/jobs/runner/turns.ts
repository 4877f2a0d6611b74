import type { Queue } from 'bullmq';
import {
  priorityOf,
  type SentPart,
  type Turn,
  type TurnStore,
  tagOf,
} from '../../adapters/dispatch/turnStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';

/** Gives publish jobs their place in the fair order: a number that is the priority of the job in BullMQ. */
export class Turns {
  readonly #store: TurnStore;
  readonly #queue: Pick<Queue, 'getJobs'>;

  constructor(store: TurnStore, queue: Pick<Queue, 'getJobs'>) {
    this.#store = store;
    this.#queue = queue;
  }

  /** Of a part that will be so many tasks. `sent`: the part of its lane before it, if one was sent. */
  async next(
    submission: Pick<SubmissionFacts, 'id' | 'project'>,
    part: { lane: number; tasks: number; sent?: SentPart },
  ): Promise<number> {
    const sent = part.sent && withNumber(part.sent);
    const { number, far }: Turn = await this.#store.take(submission, { ...part, sent });
    if (far) await this.#moveBack(priorityOf(number));
    return number;
  }

  /** This part was sent, and none of its lane follows. */
  async last(
    submission: Pick<SubmissionFacts, 'id' | 'project'>,
    { lane, sent: part }: { lane: number; sent: SentPart },
  ): Promise<void> {
    const sent = withNumber(part);
    if (sent) await this.#store.end(submission, { lane, sent });
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

/** BullMQ forgets the numbers of jobs that it retries all at once: such a part was in nobody's way. */
function withNumber(sent: SentPart): SentPart | undefined {
  return sent.number > 0 ? sent : undefined;
}
