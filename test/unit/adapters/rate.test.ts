import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TokenBucket } from '../../../src/adapters/dns/tokenBucket.ts';

it('the bucket lets a tenth of a second go at once, then one after the other', () => {
  let now = 1_000;
  const rate = new TokenBucket(100, () => now);
  const waits = Array.from({ length: 13 }, () => rate.take());
  expect(waits.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(waits.slice(10)).toEqual([10, 20, 30]);
  expect(rate.waitMs()).toBe(40);
  now += 1_000;
  expect(rate.take()).toBe(0);
});

it('the bucket never lets more through in any second than its rate and one burst', () => {
  const steps = fc.array(fc.nat(40), { minLength: 50, maxLength: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), steps, (perSecond, gaps) => {
      let now = 0;
      const rate = new TokenBucket(perSecond, () => now);
      const times = gaps.map((gap) => {
        now += gap;
        return now + rate.take();
      });
      const most = perSecond + Math.max(1, perSecond / 10) + 1;
      for (const start of times)
        expect(times.filter((time) => time >= start && time < start + 1_000).length).toBeLessThanOrEqual(
          most,
        );
    }),
  );
});
