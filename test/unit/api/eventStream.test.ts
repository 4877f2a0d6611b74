import { describe, expect, it } from 'vitest';
import { EventLog } from '../../../src/api/events/eventLog.ts';
import { EventStream, RELOAD } from '../../../src/api/events/eventStream.ts';

const READER = {
  caller: { user: { id: 'u', username: 'alice' }, admin: false, tokenHash: 'hash' },
  credentials: { token: 'secret' },
  from: '127.0.0.1',
  project: undefined,
};

async function next(stream: EventStream): Promise<string | undefined> {
  const { value } = await stream.read().next();
  return value ?? undefined;
}

describe('a stream', () => {
  it('gives what waits at once, and then waits', async () => {
    const stream = new EventStream(READER, new Set());
    stream.push('a');
    stream.push('b');
    expect(await next(stream)).toBe('ab');
    const later = next(stream);
    stream.push('c');
    expect(await later).toBe('c');
  });

  it('drops what nobody takes, and says that something was missed', async () => {
    const stream = new EventStream(READER, new Set());
    const long = 'x'.repeat(200_000);
    stream.push(long);
    stream.push(long);
    expect(await next(stream)).toBe(RELOAD);
    stream.push('a');
    expect(await next(stream)).toBe('a');
  });

  it('says nothing but comments while it is held, and then that something was missed, if so', async () => {
    const stream = new EventStream(READER, new Set());
    stream.isHeld = true;
    stream.push(':', 'comment');
    stream.release();
    stream.isHeld = true;
    stream.push('secret');
    stream.push(':', 'comment');
    stream.release();
    expect(await next(stream)).toBe(`::${RELOAD}`);
  });

  it('ends after what it has still to say', async () => {
    const stream = new EventStream(READER, new Set());
    stream.push('a');
    stream.end();
    stream.push('b');
    expect(await next(stream)).toBe('aevent: end\ndata: {}\n\n');
    expect(await next(stream)).toBeUndefined();
  });

  it('is of the projects that its reader may see', () => {
    expect(new EventStream(READER, new Set(['p'])).maySee('p')).toBe(true);
    expect(new EventStream(READER, new Set(['p'])).maySee('q')).toBe(false);
    expect(new EventStream({ ...READER, project: 'q' }, new Set(['p'])).maySee('p')).toBe(false);
    expect(new EventStream({ ...READER, project: 'q' }, undefined).maySee('q')).toBe(true);
  });
});

describe('the log of events', () => {
  it('gives what came behind an event, as long as it knows it', () => {
    const log = new EventLog();
    const start = log.here;
    const events = Array.from({ length: 5_000 }, (_, index) => log.add('p', { index }));
    const idOf = (text = '') => /^id: (\S+)/.exec(text)?.[1] ?? '';
    expect(log.since(idOf(events[4_997]?.text))?.map(({ number }) => number)).toEqual([4_999, 5_000]);
    expect(log.since(log.here)).toEqual([]);
    expect(log.since(idOf(events[3_500]?.text))).toHaveLength(1_499);
    expect(log.since(start)).toBeUndefined();
    expect(new EventLog().since(log.here)).toBeUndefined();
  });
});
