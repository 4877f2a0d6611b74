import { addressOf } from '../auth/callerAddress.ts';
import { readProjectId } from '../auth/projectId.ts';
import { plainError } from '../http/httpErrors.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, Services, UserContext } from '../http/route.ts';
import { EventStream } from './eventStream.ts';
import { eventsQuerySchema } from './query.ts';
import { visibleTo } from './readerChecks.ts';

/** Of a process, and of them so many of one user. */
const MOST_STREAMS = 1_000;
const MOST_OF_A_USER = MOST_STREAMS / 2;

/** Proxies must not wait for more of it before they hand it on. */
const HEADERS = { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' };

/** GET /events */
export async function events(context: UserContext, services: Services): Promise<HttpResponse> {
  const { req, caller, credentials, signal } = context;
  const { feed, closing } = services;
  const query = readQuery(req, eventsQuerySchema);
  if (!query.ok) return query.answer;
  const project = query.value.project === undefined ? undefined : readProjectId(query.value.project);
  const reader = { caller, credentials, from: addressOf(req), project };
  const stream = new EventStream(reader, await visibleTo(reader, services));
  signal.throwIfAborted();
  // Nothing is waited for between this and its place among them.
  const own = [...feed.streams].filter(({ reader }) => reader.caller.user.id === caller.user.id);
  if (feed.streams.size >= MOST_STREAMS || own.length >= MOST_OF_A_USER)
    return plainError('too_many_streams');
  feed.open(stream, req.headers['last-event-id']?.toString() || undefined);
  const end = () => stream.end();
  signal.addEventListener('abort', end);
  closing.addEventListener('abort', end);
  if (closing.aborted) end();
  context.afterwards(() => {
    closing.removeEventListener('abort', end);
    feed.leave(stream);
  });
  return { status: 200, headers: HEADERS, stream: stream.read() };
}
