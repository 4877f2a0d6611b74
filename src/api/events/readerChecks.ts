import { messageOf } from '../../runtime/errors.ts';
import type { Services } from '../http/route.ts';
import type { EventFeed } from './eventFeed.ts';
import { type EventStream, RELOAD, type Reader } from './eventStream.ts';

/** A reader whose session has ended, or who is a user no more, is out after so long at most. */
const CHECK_EVERY_MS = 5_000;

type CheckServices = Pick<Services, 'logins' | 'visible' | 'flows' | 'log'>;
/** `gone`: nobody may read with it any more. */
type Checked = { visible: ReadonlySet<string> | undefined } | 'gone' | 'unknown';

/** Asks again and again whether those who read events still may, once for all streams of the same session or token. */
export function checkReaders(
  feed: EventFeed,
  services: CheckServices,
  everyMs = CHECK_EVERY_MS,
): { close(): void } {
  let isChecking = false;
  const check = async () => {
    if (isChecking) return;
    isChecking = true;
    const checks = new Map<string, Promise<Checked>>();
    await Promise.all(
      [...feed.streams].map(async (stream) => {
        const { credentials } = stream.reader;
        const key = credentials.session?.secret ?? credentials.token;
        const asked = checks.get(key) ?? checkReader(stream.reader, services);
        checks.set(key, asked);
        apply(stream, await asked);
      }),
    );
    isChecking = false;
  };
  const timer = setInterval(() => void check(), everyMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** The projects that a reader may see; undefined: all. */
export async function visibleTo(
  { caller, credentials }: Pick<Reader, 'caller' | 'credentials'>,
  { visible }: Pick<Services, 'visible'>,
): Promise<ReadonlySet<string> | undefined> {
  if (caller.admin) return undefined;
  return new Set((await visible.of(caller, credentials.token)).keys());
}

async function checkReader({ credentials, from }: Reader, services: CheckServices): Promise<Checked> {
  const { flows, logins, log } = services;
  try {
    const { session, token } = credentials;
    if (session !== undefined && (await flows.sessions.find(session.secret)) === undefined) return 'gone';
    const login = await logins.authenticate(token, from);
    if (!login.ok || login.value === undefined) return 'gone';
    return { visible: await visibleTo({ caller: login.value, credentials }, services) };
  } catch (error) {
    log.debug({ err: messageOf(error) }, 'not known whether somebody may read events');
    return 'unknown';
  }
}

function apply(stream: EventStream, checked: Checked): void {
  if (checked === 'gone') stream.end();
  else if (checked === 'unknown') stream.isHeld = true;
  else {
    const before = stream.visible;
    stream.visible = checked.visible;
    stream.release();
    const isMore =
      checked.visible !== undefined && [...checked.visible].some((id) => before?.has(id) === false);
    if (isMore) stream.push(RELOAD);
  }
}
