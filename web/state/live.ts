import { signal } from '@preact/signals';

/** What changes by itself: scans, workers, the dispatch. */
export type Topic = 'submission' | 'workers' | 'dispatch';

const TOPICS: readonly Topic[] = ['submission', 'workers', 'dispatch'];
/** Events come at most once a second for each scan; what is loaded because of them, too. */
const RELOAD_MS = 1_000;
const POLL_MS = 5_000;
/** Also while live: what no event tells, such as an estimate. */
const LIVE_POLL_MS = 20_000;
const RECONNECT_MS = 4_000;

export const liveState = signal<'connecting' | 'live' | 'reconnecting'>('connecting');

/** `reload`: something was missed, so that everything is loaded anew. */
type Listener = (topic: Topic | 'reload', data: unknown) => void;
const listeners = new Set<Listener>();
let source: EventSource | undefined;
let again: ReturnType<typeof setTimeout> | undefined;

export function connect(): void {
  disconnect();
  const opened = new EventSource('/events');
  source = opened;
  opened.onopen = () => {
    // What was missed comes by itself only if the last event is known: not when none had come, nor to a new stream.
    if (liveState.value === 'reconnecting') tell('reload', undefined);
    liveState.value = 'live';
  };
  opened.onerror = () => {
    liveState.value = 'reconnecting';
    // The browser comes back by itself after a broken connection, but not after an answer that refuses.
    if (opened.readyState === EventSource.CLOSED) again = setTimeout(connect, RECONNECT_MS);
  };
  opened.addEventListener('reload', () => tell('reload', undefined));
  opened.addEventListener('end', () => {
    liveState.value = 'reconnecting';
    opened.close();
    again = setTimeout(connect, RECONNECT_MS);
  });
  for (const topic of TOPICS)
    opened.addEventListener(topic, (event: MessageEvent<string>) => {
      tell(topic, JSON.parse(event.data));
    });
}

function tell(topic: Topic | 'reload', data: unknown): void {
  for (const listener of listeners) listener(topic, data);
}

export function disconnect(): void {
  clearTimeout(again);
  source?.close();
  source = undefined;
}

function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Calls `load` when something of the topics happens, at most once a second, and now and then without.
 *
 * @param isMeant looks at an event's data; without it all are meant
 */
export function keepFresh(
  load: () => void,
  topics: readonly Topic[],
  isMeant: (data: unknown) => boolean = () => true,
): () => void {
  let due: ReturnType<typeof setTimeout> | undefined;
  let lastMs = Date.now();
  const run = () => {
    due = undefined;
    lastMs = Date.now();
    load();
  };
  const stop = listen((topic, data) => {
    const isMine = topic === 'reload' || (topics.includes(topic) && isMeant(data));
    if (due === undefined && isMine) due = setTimeout(run, RELOAD_MS);
  });
  const poll = setInterval(() => {
    const restMs = liveState.value === 'live' ? LIVE_POLL_MS : POLL_MS;
    if (due === undefined && document.visibilityState === 'visible' && Date.now() - lastMs >= restMs) run();
  }, RELOAD_MS);
  return () => {
    stop();
    clearTimeout(due);
    clearInterval(poll);
  };
}
