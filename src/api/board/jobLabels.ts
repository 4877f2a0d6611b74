import { LRUCache } from 'lru-cache';
import { AGAIN } from '../../adapters/dispatch/batchStore.ts';
import { type JobRef, jobRefOf } from '../../jobs/runner/stage.ts';
import type { SubmissionLabel } from '../../queries/overview/labels.ts';
import type { Queries } from '../../queries/queries.ts';
import { BATCH_SIZE } from '../../targets/order/batches.ts';

/** Submissions of which it is remembered for a moment what they are. */
const REMEMBERED = 2_000;
const COUNTS_MS = 10_000;
const PROJECT_CHARACTERS = 4;

/** A job as the board has it. */
interface ShownJob {
  name?: string;
  data?: unknown;
}

/** What jobs are called on the board, and where they lead. Their data says only which submission they belong to. */
export class JobLabels {
  readonly #overview: Pick<Queries['overview'], 'labels'>;
  readonly #known = new LRUCache<string, SubmissionLabel>({ max: REMEMBERED, ttl: COUNTS_MS });

  constructor(overview: Pick<Queries['overview'], 'labels'>) {
    this.#overview = overview;
  }

  /** Reads what {@link nameOf} and {@link hrefOf} tell of these jobs. */
  async read(jobs: readonly ShownJob[]): Promise<void> {
    const ids = new Set(jobs.flatMap((job) => refOf(job)?.submission ?? []));
    const unknown = [...ids].filter((id) => !this.#known.has(id));
    if (unknown.length === 0) return;
    for (const [id, label] of await this.#overview.labels(unknown)) this.#known.set(id, label);
  }

  /** `publish 251–500 of 65,534 · 8.8.0.0/16 · project ab12…` */
  nameOf(job: ShownJob): string {
    const { name = '' } = job;
    const ref = refOf(job);
    const label = ref && this.#known.get(ref.submission);
    if (ref === undefined || label === undefined) return name;
    const { entry, entries, project } = label;
    const more = entries > 1 ? ` and ${numberText(entries - 1)} more` : '';
    const what = entry === undefined ? [] : [`${entry}${more}`];
    const part = partOf(name, ref, label);
    return [part, ...what, `project ${project.slice(0, PROJECT_CHARACTERS)}…`].join(' · ');
  }

  /** Its scan or plan in the console. */
  hrefOf(job: ShownJob): { displayText: string; href: string } {
    const ref = refOf(job);
    const label = ref && this.#known.get(ref.submission);
    if (ref === undefined || label === undefined) return { displayText: 'Console', href: '/' };
    const list = label.kind === 'plan' ? 'plans' : 'scans';
    const href = `/#/${list}/${label.project}/${encodeURIComponent(ref.submission)}`;
    return { displayText: label.kind === 'plan' ? 'Plan' : 'Scan', href };
  }
}

function partOf(name: string, { index }: JobRef, { kind, total, chunks }: SubmissionLabel): string {
  const what = kind === 'plan' ? `${name} (plan)` : name;
  if (index === undefined) return what;
  if (name === 'resolve') return `${what} ${numberText(index + 1)} of ${numberText(chunks)}`;
  if (index === AGAIN) return `${what} what came back`;
  const first = index * BATCH_SIZE + 1;
  const last = Math.min(total, (index + 1) * BATCH_SIZE);
  return `${what} ${numberText(first)}–${numberText(last)} of ${numberText(total)}`;
}

function numberText(number: number): string {
  return number.toLocaleString('en');
}

/** undefined: it is no job of a flow. */
function refOf({ data }: ShownJob): JobRef | undefined {
  try {
    return jobRefOf(data);
  } catch {
    return undefined;
  }
}
