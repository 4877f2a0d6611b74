import { describe, expect, it } from 'vitest';
import type { Recall } from '../../../src/adapters/workers/recallStore.ts';
import { judgeRecalls } from '../../../src/flows/stop/recallVerdict.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_800_000_000_000;

function judged(recall: Partial<Recall>, ...workers: { unanswered: number; lists?: boolean }[]) {
  const states = workers.map(({ unanswered, lists }, index) => {
    return { host: `w${index}`, unanswered, tasks: new Set(lists ? ['t'] : []) };
  });
  const [result] = judgeRecalls(new Map([['t', { since: NOW, seen: NOW, ...recall }]]), states, NOW);
  if (!result) throw new Error('there is no verdict');
  return result;
}

describe('a task of a stopped scan', () => {
  it('is told to a worker that lists it, also to one that has just become silent', () => {
    expect(judged({}, { unanswered: 0, lists: true }).verdict).toBe('tell');
    expect(judged({}, { unanswered: 5, lists: true }).verdict).toBe('tell');
  });

  it('is told no more once no worker lists it, and is over a minute later', () => {
    expect(judged({ seen: NOW - 5_000 }, { unanswered: 0 }).verdict).toBe('ending');
    expect(judged({ seen: NOW - MINUTE - 1 }, { unanswered: 0 }).verdict).toBe('over');
  });

  it('that no worker ever lists is over a minute after the stop', () => {
    expect(judged({ since: NOW - MINUTE - 1, seen: NOW - MINUTE - 1 }).verdict).toBe('over');
  });

  it('is held while a silent worker may have it without listing it yet, and not for one that is gone', () => {
    const long = { since: NOW - HOUR, seen: NOW - HOUR };
    expect(judged(long, { unanswered: 0 }, { unanswered: 3 }).verdict).toBe('hold');
    expect(judged(long, { unanswered: 0 }, { unanswered: 6 }).verdict).toBe('over');
  });

  it('is held for a worker that is gone and lists it, told when that one answers again, and over after 49 h', () => {
    const old = { since: NOW - 10 * HOUR, seen: NOW - 10 * HOUR, taken: true };
    const held = judged(old, { unanswered: 500, lists: true });
    expect(held).toMatchObject({ verdict: 'hold', recall: { seen: NOW, taken: true } });
    expect(judged(held.recall, { unanswered: 0, lists: true }).verdict).toBe('tell');
    expect(judged({ since: NOW - 50 * HOUR }, { unanswered: 500, lists: true }).verdict).toBe('over');
  });

  it('may come back to the queue once more when a worker lists it again', () => {
    expect(judged({ taken: true }, { unanswered: 0, lists: true }).recall.taken).toBeUndefined();
  });

  it('is stale when a worker that answers lists it for minutes and does not end it', () => {
    const first = judged({}, { unanswered: 0, lists: true });
    expect(first.recall.told).toBe(NOW);
    expect(judged({ told: NOW - 2 * MINUTE }, { unanswered: 0, lists: true }).verdict).toBe('tell');
    expect(judged({ told: NOW - 4 * MINUTE }, { unanswered: 1, lists: true })).toMatchObject({
      verdict: 'stale',
      hosts: ['w0'],
    });
  });

  it('is not stale because its worker is silent: what it was told before it cannot have heard', () => {
    const silent = judged({ told: NOW - 4 * MINUTE }, { unanswered: 2, lists: true });
    expect(silent).toMatchObject({ verdict: 'tell', recall: { seen: NOW } });
    expect(silent.recall.told).toBeUndefined();
  });

  it('that may finish runs as long as a worker lists it, is told nothing and is never stale', () => {
    const late = judged({ finishing: 'p', told: NOW - 4 * MINUTE }, { unanswered: 0, lists: true });
    expect(late).toMatchObject({ verdict: 'runs', recall: { seen: NOW, finishing: 'p' } });
    expect(judged({ finishing: 'p' }, { unanswered: 6, lists: true }).verdict).toBe('hold');
    expect(judged({ finishing: 'p', seen: NOW - MINUTE - 1 }, { unanswered: 0 }).verdict).toBe('over');
  });
});
