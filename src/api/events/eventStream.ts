import type { Caller } from '../../adapters/auth/caller.ts';
import type { Credentials } from '../auth/shown.ts';
import { eventText } from './eventLog.ts';

/** Characters that wait for a caller that does not read: beyond them it asks anew. */
const MOST_WAITING = 2 ** 18;
export const RELOAD = eventText('reload', {});
const END = eventText('end', {});

/** Who reads a stream, and what of it. */
export interface Reader {
  caller: Caller;
  credentials: Credentials;
  /** The address that it was opened from. */
  from: string;
  /** Only of this project; undefined: of all that it may see. */
  project: string | undefined;
}

/** One stream of events, from those who send to the one who reads. Nobody waits for a slow one. */
export class EventStream {
  readonly reader: Reader;
  /** Projects that the reader may see; undefined: all. */
  visible: ReadonlySet<string> | undefined;
  /** Nothing is sent while nobody can say whether the reader still may see it. */
  isHeld = false;
  #waiting: string[] = [];
  #length = 0;
  #isOver = false;
  #isMissing = false;
  #wake = () => {};

  constructor(reader: Reader, visible: ReadonlySet<string> | undefined) {
    this.reader = reader;
    this.visible = visible;
  }

  maySee(project: string): boolean {
    const { project: only } = this.reader;
    return (only === undefined || only === project) && this.visible?.has(project) !== false;
  }

  /** Streams with the same key see the same. */
  get view(): string {
    const { project = '*', caller } = this.reader;
    return `${project} ${this.visible === undefined ? '*' : caller.tokenHash}`;
  }

  /** @param kind a comment says nothing, so a reader of whom nothing is known may have it */
  push(text: string, kind: 'event' | 'comment' = 'event'): void {
    if (this.#isOver || text === '') return;
    if (kind === 'event' && this.isHeld) {
      this.#isMissing = true;
      return;
    }
    if (this.#length + text.length > MOST_WAITING) this.#drop();
    else this.#add(text);
  }

  /** The reader is known again. */
  release(): void {
    this.isHeld = false;
    if (this.#isMissing) this.#add(RELOAD);
    this.#isMissing = false;
  }

  end(): void {
    if (!this.#isOver) this.#add(END);
    this.#isOver = true;
    this.#wake();
  }

  /** What is to be written, as it comes; the last of it is that the stream has ended. */
  async *read(): AsyncGenerator<string> {
    for (;;) {
      if (this.#waiting.length > 0) {
        const text = this.#waiting.join('');
        this.#waiting = [];
        this.#length = 0;
        yield text;
      } else if (this.#isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #add(text: string): void {
    this.#waiting.push(text);
    this.#length += text.length;
    this.#wake();
  }

  #drop(): void {
    this.#waiting = [RELOAD];
    this.#length = RELOAD.length;
  }
}
