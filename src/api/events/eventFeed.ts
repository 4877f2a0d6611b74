import type { ScanRow } from '../../queries/overview/scanRow.ts';
import type { AtWork } from '../../queries/overview/workersAtWork.ts';
import type { Queries } from '../../queries/queries.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { workersSeenBy } from '../overview/workers.ts';
import { EventLog, eventText, type ScanEvent } from './eventLog.ts';
import { type EventStream, RELOAD } from './eventStream.ts';

const LOOK_EVERY_MS = 1_000;
/** Looking takes a twentieth of the time at most. */
const LOOKS_REST = 20;
const DISPATCH_EVERY_MS = 2_000;
const COMMENT_EVERY_MS = 15_000;
const COMMENT = ':\n\n';

type Services = Pick<Queries, 'overview' | 'dispatchStatus'> & { log: Logger };

/**
 * What changes, looked at once for all streams of the process. It rests while nobody reads. A scan is looked at until
 * it is over, and once more then.
 */
export class EventFeed {
  readonly #services: Services;
  readonly #lookEveryMs: number;
  readonly #streams = new Set<EventStream>();
  readonly #log = new EventLog();
  /** By scan that is not over: what was told of it last. */
  #told = new Map<string, string>();
  #atWork: AtWork | undefined;
  #dispatch = '';
  #dispatchAtMs = 0;
  #looks: NodeJS.Timeout | undefined;
  #firstLook = Promise.resolve();
  readonly #comments: NodeJS.Timeout;

  constructor(services: Services, lookEveryMs = LOOK_EVERY_MS) {
    this.#services = services;
    this.#lookEveryMs = lookEveryMs;
    this.#comments = setInterval(() => {
      for (const stream of this.#streams) stream.push(COMMENT, 'comment');
    }, COMMENT_EVERY_MS);
    this.#comments.unref();
  }

  /** @param after the id of the last event that the reader had */
  open(stream: EventStream, after: string | undefined): void {
    stream.push(COMMENT, 'comment');
    // Without anybody who reads nobody looks: what happened meanwhile is in no log.
    const isFirst = this.#streams.size === 0;
    const missed = after === undefined ? [] : isFirst ? undefined : this.#log.since(after);
    this.#streams.add(stream);
    stream.push(missed === undefined ? RELOAD : textFor(stream, missed));
    if (this.#atWork !== undefined) stream.push(workersText(stream, this.#atWork));
    if (seesDispatch(stream)) stream.push(this.#dispatch);
    if (isFirst) this.#firstLook = this.#look(true);
    // What is asked for from then on is no older than what is told.
    void this.#firstLook.then(() => stream.push(`id: ${this.#log.here}\n${eventText('ready', {})}`));
  }

  leave(stream: EventStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearTimeout(this.#looks);
    this.#looks = undefined;
    this.#told.clear();
    this.#atWork = undefined;
    this.#dispatch = '';
  }

  get streams(): Iterable<EventStream> & { size: number } {
    return this.#streams;
  }

  close(): void {
    clearInterval(this.#comments);
    for (const stream of this.#streams) stream.end();
  }

  /** @param isFirst what is there already is news to nobody: who reads has just asked for it */
  async #look(isFirst = false): Promise<void> {
    const began = performance.now();
    try {
      await this.#scans(isFirst);
      await this.#others();
    } catch (error) {
      this.#services.log.debug({ err: messageOf(error) }, 'not looked what changes');
    }
    if (this.#streams.size === 0) return;
    const restMs = Math.max(this.#lookEveryMs, LOOKS_REST * (performance.now() - began));
    clearTimeout(this.#looks);
    this.#looks = setTimeout(() => void this.#look(), restMs);
  }

  async #scans(isFirst: boolean): Promise<void> {
    const live = await this.#services.overview.liveIds();
    const before = this.#told;
    const rows = await this.#services.overview.rows([...new Set([...live, ...before.keys()])]);
    const isLive = new Set(live);
    const told = new Map<string, string>();
    const events: ScanEvent[] = [];
    for (const row of rows) {
      const text = contentOf(row);
      if (isLive.has(row.id)) told.set(row.id, text);
      if (!isFirst && before.get(row.id) !== text) events.push(this.#log.add(row.project, row));
    }
    this.#told = told;
    if (events.length > 0) this.#send((stream) => textFor(stream, events));
  }

  async #others(): Promise<void> {
    const { overview, dispatchStatus } = this.#services;
    const atWork = await overview.atWork();
    const before = this.#atWork;
    this.#atWork = atWork;
    if (JSON.stringify(atWork.workers) !== JSON.stringify(before?.workers))
      this.#send((stream) => workersText(stream, atWork));
    const now = performance.now();
    if (now - this.#dispatchAtMs < DISPATCH_EVERY_MS || ![...this.#streams].some(seesDispatch)) return;
    const status = eventText('dispatch', await dispatchStatus());
    if (status !== this.#dispatch) this.#send((stream) => (seesDispatch(stream) ? status : ''));
    this.#dispatch = status;
    this.#dispatchAtMs = now;
  }

  /** What streams of the same view get is made once. */
  #send(textOf: (stream: EventStream) => string): void {
    const texts = new Map<string, string>();
    for (const stream of this.#streams) {
      const view = `${stream.view} ${seesDispatch(stream)}`;
      const text = texts.get(view) ?? textOf(stream);
      texts.set(view, text);
      stream.push(text);
    }
  }
}

/** An estimate is another one each time. */
function contentOf({ rate_per_s: _rate, ends_at: _end, ...row }: ScanRow): string {
  return JSON.stringify(row);
}

function seesDispatch({ reader: { caller, project } }: EventStream): boolean {
  return caller.admin && project === undefined;
}

function textFor(stream: EventStream, events: readonly ScanEvent[]): string {
  return events.flatMap(({ project, text }) => (stream.maySee(project) ? [text] : [])).join('');
}

function workersText(stream: EventStream, atWork: AtWork): string {
  return eventText(
    'workers',
    workersSeenBy(atWork, (project) => stream.maySee(project)),
  );
}
