import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LimitedChecks } from '../../../src/api/auth/limitedChecks.ts';

const LIMITS = { windowMs: 60_000, wrong: 5, pauseMs: 60_000, atOnce: 8 };

/** Keys that begin with `right` are right; `asked` is whatever was asked about. */
function checks(limits = LIMITS) {
  const asked: string[] = [];
  const limited = new LimitedChecks<boolean>(limits, (isRight) => isRight);
  let answer = Promise.resolve();
  const check = (key: string, from: string, free = false) => {
    const ask = async () => {
      asked.push(key);
      await answer;
      return key.startsWith('right');
    };
    return limited.check(key, [from], ask, free);
  };
  /** Nothing is answered until the function that it gives is called. */
  const hold = () => {
    let release = () => {};
    answer = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  };
  return { asked, check, hold };
}

describe('what is asked about', () => {
  it('is the same only once at a time', async () => {
    const { asked, check, hold } = checks();
    const release = hold();
    const all = Promise.all(Array.from({ length: 100 }, () => check('right', 'a')));
    release();
    expect((await all).every((each) => each.ok && each.value)).toBe(true);
    expect(asked).toEqual(['right']);
  });

  it('is no more of one source at once than may be wrong, and one more to see whether it is right', async () => {
    const { asked, check, hold } = checks({ ...LIMITS, atOnce: 1_000 });
    const release = hold();
    const all = Promise.all(Array.from({ length: 100 }, (_, index) => check(`wrong${index}`, 'a')));
    release();
    expect((await all).filter(({ ok }) => !ok).length).toBeGreaterThanOrEqual(94);
    expect(asked).toHaveLength(LIMITS.wrong + 1);
  });

  it('is no more of all sources at once than there is room for', async () => {
    const { asked, check, hold } = checks();
    const release = hold();
    const all = Promise.all(Array.from({ length: 100 }, (_, index) => check(`wrong${index}`, `${index}`)));
    release();
    await all;
    expect(asked).toHaveLength(LIMITS.atOnce);
  });

  it('gives its place back also when a new minute begins meanwhile', async () => {
    const { check, hold } = checks({ ...LIMITS, windowMs: 1 });
    for (let round = 0; round < 2 * LIMITS.wrong; round++) {
      const release = hold();
      const before = check(`right ${round} before`, 'a');
      const begunMs = performance.now();
      while (performance.now() - begunMs < 2) await Promise.resolve();
      const after = check(`right ${round} after`, 'a');
      release();
      expect((await Promise.all([before, after])).map(({ ok }) => ok)).toEqual([true, true]);
    }
  });

  it('is everything where asking is free, and too many wrong ones are turned away', async () => {
    const { check } = checks();
    for (let index = 0; index < 20; index++)
      expect((await check(`wrong${index}`, 'a', true)).ok).toBe(index < LIMITS.wrong);
    expect(await check('right', 'a', true)).toEqual({ ok: true, value: true });
  });
});

it('whatever is presented, who was right before is let in, and a source is asked about for so much', async () => {
  const step = fc.record({
    key: fc.constantFrom('right', 'wrong1', 'wrong2', 'wrong3'),
    from: fc.constantFrom('a', 'b'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { asked, check } = checks();
      expect(await check('right', 'a')).toEqual({ ok: true, value: true });
      for (const { key, from } of steps) {
        const checked = await check(key, from);
        if (key === 'right') expect(checked).toEqual({ ok: true, value: true });
        else if (!checked.ok) expect(checked.retryAfterS).toBeGreaterThan(0);
      }
      const wrong = asked.filter((key) => key !== 'right').length;
      expect(wrong).toBeLessThanOrEqual(2 * (LIMITS.wrong + 1));
    }),
  );
});

it('who is right no more is limited again', async () => {
  let isRight = true;
  const limited = new LimitedChecks<boolean>(LIMITS, (value) => value);
  const check = () => limited.check('one', ['a'], async () => isRight);
  expect(await check()).toEqual({ ok: true, value: true });
  isRight = false;
  for (let index = 0; index < LIMITS.wrong; index++)
    expect(await check()).toEqual({ ok: true, value: false });
  await check();
  isRight = true;
  expect((await check()).ok).toBe(false);
});
