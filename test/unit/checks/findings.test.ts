import { describe, expect, it } from 'vitest';
import { isOlder } from '../../../src/checks/finding.ts';
import { longScansFinding } from '../../../src/checks/longScans.ts';
import { checkRabbitmq } from '../../../src/checks/rabbitmq.ts';
import { clockFinding, infoFindings } from '../../../src/checks/redis.ts';

it.each([
  ['7.0.15', '7.0', false],
  ['7', '7.0', false],
  ['6.2.14', '7.0', true],
  ['10.0', '9.1', false],
  ['3.9.29', '3.10', true],
  ['4.0.0-rc.1', '3.10', false],
  ['undefined', '3.10', undefined],
])('version %s against %s', (version, least, older) => expect(isOlder(version, least)).toBe(older));

describe('what Redis says of itself', () => {
  const info = (policy: string, aof: string, version = '7.2.4') =>
    `# Server\r\nredis_version:${version}\r\nmaxmemory_policy:${policy}\r\naof_enabled:${aof}\r\n`;
  const states = (text: string) => infoFindings(text).map(({ state }) => state);

  it('is fine with noeviction and a file that every write goes to', () =>
    expect(states(info('noeviction', '1'))).toEqual(['ok', 'ok', 'ok']));

  it('is a warning with the line to change otherwise', () => {
    const [version, eviction, persistence] = infoFindings(info('allkeys-lru', '0', '6.2.14'));
    expect(version).toMatchObject({ state: 'broken', found: '6.2.14', todo: 'run Redis 7.0 or newer' });
    expect(eviction).toMatchObject({
      state: 'warning',
      todo: expect.stringContaining('maxmemory-policy noeviction'),
    });
    expect(persistence).toMatchObject({ state: 'warning', todo: expect.stringContaining('appendonly yes') });
  });

  it('is unknown when it may not be asked', () =>
    expect(states('')).toEqual(['unknown', 'unknown', 'unknown']));
});

it('a clock is as wrong as it must be at least, whenever Redis looked at its own', () => {
  expect(clockFinding(10_000, 14_000, 13_000)).toMatchObject({
    state: 'ok',
    found: expect.stringContaining('1.0 s'),
  });
  expect(clockFinding(10_000, 11_000, 13_000)).toMatchObject({
    state: 'ok',
    found: expect.stringContaining('0.0 s'),
  });
  expect(clockFinding(10_000, 15_100, 13_000).state).toBe('warning');
  expect(clockFinding(10_000, 7_900, 13_000).state).toBe('warning');
});

it('an old RabbitMQ is a warning; how long it leaves a task with a worker is never known', () => {
  expect(checkRabbitmq('3.9.1').map(({ state }) => state)).toEqual(['warning', 'unknown']);
  expect(checkRabbitmq('4.1.0').map(({ state }) => state)).toEqual(['ok', 'unknown']);
  expect(checkRabbitmq('undefined')[0]?.state).toBe('unknown');
  expect(checkRabbitmq('4.1.0')[1]).toMatchObject({
    found: expect.stringContaining('longer than 30 minutes, and gives the task out a second time'),
    todo: expect.stringMatching(/rabbitmqctl eval '.*consumer_timeout\).' .*"consumer_timeout = 176400000"/),
  });
});

describe('long scans', () => {
  const NOW_S = 10_000;
  const finding = (...starts: [worker: string, at: number][]) =>
    longScansFinding(
      new Map([['task-1', { starts: starts.map(([worker, at]) => ({ worker, at })) }]]),
      NOW_S,
    );

  it.each([1_800, 1_860, 1_920])('one that was begun again after %i s was taken away by RabbitMQ', (afterS) =>
    expect(finding(['b', 4_000 + afterS], ['a', 4_000])).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('task-1 was begun by a, and 30 minutes later by b'),
      todo: expect.stringContaining('"consumer_timeout = 176400000"'),
    }),
  );

  it.each([10, 1_799, 1_921])('one that was begun again after %i s had a worker that died', (afterS) =>
    expect(finding(['a', 4_000], ['b', 4_000 + afterS]).state).toBe('ok'),
  );

  it('are counted while they run', () => {
    expect(finding(['a', NOW_S - 1_801]).found).toMatch(/minutes: 1;/);
    expect(finding(['a', NOW_S - 1_800]).found).toMatch(/minutes: 0;/);
    expect(finding(['a', 100], ['b', NOW_S - 10]).found).toMatch(/minutes: 0;/);
  });
});
