import { randomBytes } from 'node:crypto';

/** An event of one scan, as it is sent. */
export interface ScanEvent {
  number: number;
  project: string;
  text: string;
}

/** Events that a stream that broke off can catch up with. */
const KEPT = 2_000;

/** The last events of scans, by number. Numbers of another process, or of an earlier life of this one, mean nothing here. */
export class EventLog {
  readonly #life = randomBytes(6).toString('hex');
  #events: ScanEvent[] = [];
  #last = 0;

  add(project: string, row: object): ScanEvent {
    const number = ++this.#last;
    const event = { number, project, text: `id: ${this.#life}-${number}\n${eventText('submission', row)}` };
    this.#events.push(event);
    if (this.#events.length > 2 * KEPT) this.#events = this.#events.slice(-KEPT);
    return event;
  }

  /** The id of the newest event: a stream that ends before it gets another one goes on from there. */
  get here(): string {
    return `${this.#life}-${this.#last}`;
  }

  /** What came behind the event with this id; undefined: it is not known any more what came. */
  since(id: string): ScanEvent[] | undefined {
    const [life, digits = ''] = id.split('-');
    if (life !== this.#life || !/^\d{1,15}$/.test(digits)) return undefined;
    const number = Number(digits);
    const first = this.#events[0]?.number ?? this.#last + 1;
    if (number > this.#last || number < first - 1) return undefined;
    return this.#events.filter((event) => event.number > number);
  }
}

export function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
