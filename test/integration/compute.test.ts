/** What is long runs in a thread: the others of the process go on, and a stop ends it. */
import { afterAll, expect, it } from 'vitest';
import { EXPAND } from '../../src/jobs/expand.ts';
import { Compute } from '../../src/runtime/compute.ts';
import { PermanentError } from '../../src/runtime/errors.ts';

const compute = new Compute();
afterAll(() => compute.close());

const linesOf = (count: number) =>
  new TextEncoder().encode(
    Array.from({ length: count }, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`).join('\n'),
  );
const run = (lines: Uint8Array, signal?: AbortSignal) =>
  compute.run(EXPAND, [lines, {}], { bytes: lines.byteLength, signal });

it('a thread gives what the function gives', async () => {
  const lines = new TextEncoder().encode('8.8.8.0/24\nb.test\na.test\n2001:db8::1');
  expect(await run(lines)).toEqual(EXPAND.run(lines, {}));
});

it('others go on while a thread works', async () => {
  let turns = 0;
  let isDone = false;
  const others = () => {
    turns += 1;
    if (!isDone) setImmediate(others);
  };
  others();
  const { names, set } = await run(linesOf(300_000));
  isDone = true;
  expect(names).toBe(0);
  expect(set.length).toBeGreaterThan(0);
  expect(turns).toBeGreaterThan(100);
});

it('bytes that are handed over are gone here, others stay', async () => {
  const [kept, given] = [linesOf(10), linesOf(10)];
  await run(kept);
  expect(kept.byteLength).toBeGreaterThan(0);
  await compute.run(EXPAND, [given, {}], { bytes: given.byteLength, handedOver: [given] });
  expect(given.byteLength).toBe(0);
});

it('an error that trying again does not mend stays one', async () => {
  const lines = new TextEncoder().encode('8.8.8.300');
  await expect(run(lines)).rejects.toThrow(PermanentError);
});

it('a stop ends what a thread works on, and the next one is done', async () => {
  const stop = new AbortController();
  const long = run(linesOf(2_000_000), stop.signal);
  setImmediate(() => stop.abort(new Error('somebody stopped it')));
  await expect(long).rejects.toThrow('somebody stopped it');
  expect((await run(linesOf(1))).set).toBe(EXPAND.run(linesOf(1), {}).set);
});
