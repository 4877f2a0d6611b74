/** Reads server-sent events as a browser does. */
import { eventually } from './services.ts';

interface ReadEvent {
  id: string | undefined;
  event: string;
  data: Record<string, unknown>;
}

/** A stream that is being read. */
export interface EventReader {
  status: number;
  headers: Headers;
  /** What has come so far. */
  events: ReadEvent[];
  /** Lines that begin with a colon. */
  comments: number;
  /** Whether the other side has ended it. */
  isOver: boolean;
  until(event: string, fits?: (data: Record<string, unknown>) => boolean): Promise<ReadEvent>;
  close(): void;
}

export async function readEvents(url: string, headers: Record<string, string>): Promise<EventReader> {
  const leave = new AbortController();
  const response = await fetch(url, { headers, signal: leave.signal });
  const reader: EventReader = {
    status: response.status,
    headers: response.headers,
    events: [],
    comments: 0,
    isOver: false,
    until: (event, fits = () => true) =>
      eventually(`the event ${event}`, () =>
        reader.events.find((each) => each.event === event && fits(each.data)),
      ),
    close: () => leave.abort(),
  };
  void take(response, reader);
  return reader;
}

async function take({ body }: Response, reader: EventReader): Promise<void> {
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of body ?? []) {
      const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) note(block, reader);
    }
  } catch {
    // Whoever reads has left, or the connection broke off: both end it.
  }
  reader.isOver = true;
}

function note(block: string, reader: EventReader): void {
  const lines = block.split('\n');
  if (lines.some((line) => line.startsWith(':'))) reader.comments += 1;
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const event = field('event');
  if (event === undefined) return;
  reader.events.push({ id: field('id'), event, data: JSON.parse(field('data') ?? '{}') });
}
