import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlanningPlaces } from '../../../src/api/scans/planningPlaces.ts';

describe('places for what is planned at once', () => {
  it('one caller may have them all while nobody else comes', () => {
    const places = new PlanningPlaces(80);
    for (let i = 0; i < 80; i++) expect(places.take('a', i)).toBe('taken');
    expect(places.take('a', 80)).toBe('all are taken');
  });

  it('somebody else is in at once, and the caller who had them all comes down to half', () => {
    const places = new PlanningPlaces(8);
    for (let i = 0; i < 8; i++) places.take('a', 0);
    expect(places.take('a', 1)).toBe('all are taken');
    expect(places.take('b', 2)).toBe('taken');
    for (let i = 0; i < 4; i++) places.free('a');
    expect(places.take('a', 2_000)).toBe('share is taken');
    expect(places.take('b', 2_001)).toBe('taken');
    // A place that becomes free in the same second is not given to the rest of its burst.
    places.free('a');
    expect(places.take('a', 2_002)).toBe('share is taken');
    expect(places.take('a', 3_001)).toBe('taken');
  });

  it('half counts only for as long as others come', () => {
    const places = new PlanningPlaces(4);
    places.take('b', 0);
    places.free('b');
    for (let i = 0; i < 2; i++) expect(places.take('a', 1)).toBe('taken');
    expect(places.take('a', 2)).toBe('share is taken');
    expect(places.take('a', 10_001)).toBe('taken');
  });

  it('who is turned away again and again is no newcomer when its places become free; who comes later is', () => {
    const places = new PlanningPlaces(2);
    for (let i = 0; i < 2; i++) places.take('a', 0);
    expect(places.take('a', 1)).toBe('all are taken');
    for (let i = 0; i < 2; i++) places.free('a');
    expect(places.take('a', 2)).toBe('all are taken');
    for (const [caller, nowMs] of [['b', 3] as const, ['b', 4] as const]) {
      expect(places.take(caller, nowMs)).toBe('taken');
      places.free(caller);
    }
    expect(places.take('a', 1_001)).toBe('taken');
  });

  it('are never more than the limit and a quarter, nor of one caller more than half while others come', () => {
    const step = fc.record({
      caller: fc.constantFrom('a', 'b', 'c', 'd'),
      leaves: fc.boolean(),
      afterMs: fc.integer({ min: 0, max: 700 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
        const places = new PlanningPlaces(limit);
        const inside = new Map<string, number>();
        const cameAt = new Map<string, number>();
        let nowMs = 0;
        for (const { caller, leaves, afterMs } of steps) {
          nowMs += afterMs;
          const own = inside.get(caller) ?? 0;
          if (leaves) {
            if (own > 0) places.free(caller);
            inside.set(caller, Math.max(0, own - 1));
            continue;
          }
          const taken = places.take(caller, nowMs) === 'taken';
          if (taken) inside.set(caller, own + 1);
          const all = [...inside.values()].reduce((sum, count) => sum + count, 0);
          expect(all).toBeLessThanOrEqual(limit + Math.ceil(limit / 4));
          const othersCome = [...cameAt].some(([other, atMs]) => other !== caller && nowMs - atMs < 10_000);
          if (taken && othersCome) expect(own).toBeLessThan(Math.max(1, Math.ceil(limit / 2)));
          cameAt.set(caller, nowMs);
        }
      }),
    );
  });

  it('a limit of 0 is none', () => {
    const places = new PlanningPlaces(0);
    for (let i = 0; i < 1_000; i++) expect(places.take('a', 0)).toBe('taken');
  });
});
