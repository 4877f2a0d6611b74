import { expect, it } from 'vitest';
import { inTurns, othersTurn } from '../../../src/runtime/turns.ts';

function* counted(steps: number, work: number): Generator<undefined, number> {
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < work; i++) sum += i % 7;
    yield;
  }
  return sum;
}

it('gives what the work gives, and others have their turn meanwhile', async () => {
  let turns = 0;
  let immediate = setImmediate(function count() {
    turns += 1;
    immediate = setImmediate(count);
  });
  const sum = await inTurns(counted(200, 1_000_000));
  clearImmediate(immediate);
  expect(sum).toBe(200 * 2_999_997);
  expect(turns).toBeGreaterThan(5);
});

it('lets one go on at a time, in the order in which they came', async () => {
  const order: string[] = [];
  let turn = 0;
  let immediate = setImmediate(function count() {
    turn += 1;
    immediate = setImmediate(count);
  });
  const waits = async (name: string) => {
    for (let time = 0; time < 2; time++) {
      await othersTurn();
      order.push(`${name} ${turn}`);
    }
  };
  await Promise.all(['a', 'b', 'c'].map(waits));
  clearImmediate(immediate);
  expect(order.map((entry) => entry[0]).join('')).toBe('abcabc');
  // Each in a turn of its own.
  expect(new Set(order.map((entry) => entry.slice(2))).size).toBe(6);
});

it('passes on what the work throws', async () => {
  await expect(
    inTurns(
      // biome-ignore lint/correctness/useYield: it does not come to that
      (function* () {
        throw new Error('broken');
      })(),
    ),
  ).rejects.toThrow('broken');
});
