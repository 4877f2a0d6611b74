import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../action.ts';
import { EXIT, Exit } from '../../exitCodes.ts';
import type { Session } from '../../session.ts';
import { localTime } from '../../terminal/numbers.ts';
import { wordsOf } from './words.ts';

const PAGE = 500;
const POLL_MS = 2_000;

interface EventsOptions {
  after?: string;
  follow?: true;
}

/** What has happened in the project, oldest first. Ctrl-C ends the following, and tells where to go on. */
export async function events({ session, options: { after, follow } }: Call<EventsOptions>): Promise<void> {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  process.once('SIGINT', () => interrupt.abort());
  let last = after;
  const goOn = () => `what comes later: tasker events${last === undefined ? '' : ` --after ${last}`}`;
  try {
    for (;;) {
      const { count, next } = await tellPage(session, last, signal);
      last = next;
      if (count === PAGE) continue;
      if (!follow) break;
      await setTimeout(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Exit(EXIT.interrupted, goOn());
  }
  session.out.note(goOn());
}

async function tellPage(
  { client, out, project }: Session,
  after: string | undefined,
  signal: AbortSignal,
): Promise<{ count: number; next: string }> {
  const query = { limit: PAGE, ...(after !== undefined && { after }) };
  const asked = { path: project(), query };
  const { events: found, next, missed } = (await client.call('listProjectEvents', asked, { signal })).answer;
  if (missed) out.note(`events behind ${after} are no longer kept, and were not read`);
  for (const event of found)
    if (out.json) await out.value(event);
    else await out.lines([`${localTime(event.timestamp)}  ${event.type}  ${wordsOf(event.data)}`]);
  return { count: found.length, next };
}
