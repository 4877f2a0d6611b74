import { expect, it, onTestFinished, vi } from 'vitest';
import { Readiness } from '../../../src/api/system/readiness.ts';
import { linesLog } from '../../support/broker.ts';

const flows = { pausedQueues: async () => [], pausedAll: async () => undefined };

it('all who ask while a service is asked wait for that one answer', async () => {
  let asked = 0;
  let answer = () => {};
  const check = () => {
    asked += 1;
    return new Promise<void>((resolve) => {
      answer = resolve;
    });
  };
  const readiness = new Readiness({ ledger: { needed: true, check } }, flows, linesLog().log);
  const many = Array.from({ length: 1_000 }, () => readiness.now());
  answer();
  for (const { status } of await Promise.all(many)) expect(status).toBe('ok');
  expect(asked).toBe(1);
});

it('a service is asked once a second at most, and again after it', async () => {
  let asked = 0;
  const check = async () => {
    asked += 1;
  };
  const readiness = new Readiness({ ledger: { needed: true, check } }, flows, linesLog().log);
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  for (const [afterMs, times] of [
    [0, 1],
    [999, 1],
    [1, 2],
    [999, 2],
    [1, 3],
  ] as const) {
    vi.advanceTimersByTime(afterMs);
    for (let i = 0; i < 100; i++) await readiness.now();
    expect(asked).toBe(times);
  }
});
