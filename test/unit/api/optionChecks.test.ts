import { describe, expect, it } from 'vitest';
import { openPortsArguments } from '../../../src/nmap/arguments.ts';
import { accepted, only, read, VALID } from '../../support/readRequest.ts';

const ports = (open_ports_opts: object, more: object = {}, limits = {}) =>
  read({ open_ports_opts, ...more }, limits);

describe('options that do not go together are refused', () => {
  it.each<[string, object, object, (string | number)[], RegExp]>([
    [
      'rates',
      { ports: ['80'], min_rate: 5, max_rate: 4 },
      {},
      ['open_ports_opts', 'min_rate'],
      /above max_rate \(4\)/,
    ],
    [
      'time-outs',
      { ports: ['80'], min_rtt_timeout_ms: 9, max_rtt_timeout_ms: 8 },
      {},
      ['open_ports_opts', 'min_rtt_timeout_ms'],
      /above max_rtt_timeout_ms/,
    ],
    [
      'the first time-out below',
      { ports: ['80'], min_rtt_timeout_ms: 9, initial_rtt_timeout_ms: 8 },
      {},
      ['open_ports_opts', 'initial_rtt_timeout_ms'],
      /below min_rtt_timeout_ms/,
    ],
    [
      'the first time-out above',
      { ports: ['80'], max_rtt_timeout_ms: 9, initial_rtt_timeout_ms: 10 },
      {},
      ['open_ports_opts', 'initial_rtt_timeout_ms'],
      /above max_rtt_timeout_ms/,
    ],
    [
      'of the second phase',
      { ports: ['80'] },
      { service_opts: { min_rate: 2, max_rate: 1 } },
      ['service_opts', 'min_rate'],
      /above max_rate/,
    ],
    [
      'shards in insert mode',
      { ports: ['1-9'] },
      { port_shards: 2, mode: 'insert' },
      ['port_shards'],
      /insert/,
    ],
    ['shards of top ports', { top_ports: 9 }, { port_shards: 2 }, ['port_shards'], /top_ports/],
    [
      'more shards than ports',
      { ports: ['80', '80', '81'] },
      { port_shards: 3 },
      ['port_shards'],
      /only 2 ports/,
    ],
    ['shards of nothing', { ports: [] }, { port_shards: 2 }, ['port_shards'], /only 0 ports/],
  ])('%s', (_, open, more, loc, msg) => {
    expect(only(ports(open, more))).toMatchObject({ loc: ['body', ...loc], msg: expect.stringMatching(msg) });
  });

  it('when they come to too many tasks', () => {
    const result = ports(
      { ports: ['1-100'] },
      { hosts: ['11.0.0.0/24'], port_shards: 50 },
      { maxTargets: 1_000 },
    );
    expect(only(result)?.msg).toMatch(/254 targets in 50 parts are 12700 tasks; the limit is 4000/);
  });

  it('when only a part of a range of shards is given', () => {
    for (const port_shards of [1, 501, 'many'])
      expect(only(ports({ ports: ['1-999'] }, { port_shards }))).toBeDefined();
  });
});

it('top_ports stands in for ports, which are required otherwise', () => {
  expect(accepted(ports({ top_ports: 100 })).options.open_ports_opts).toMatchObject({
    top_ports: 100,
    ports: [],
  });
  expect(only(ports({}))).toMatchObject({ type: 'missing', loc: ['body', 'open_ports_opts', 'ports'] });
  expect(only(ports({ top_ports: null }))).toMatchObject({ type: 'missing' });
});

describe('limits of networks', () => {
  const limited = (per_network: object) => ports({ ports: ['80'] }, { per_network });

  it('have the usual lengths of prefixes', () => {
    expect(accepted(limited({ tasks: 2 })).options.per_network).toEqual({ tasks: 2, v4: 24, v6: 64 });
  });

  it.each([
    {},
    { tasks: 0 },
    { per_minute: 1.5 },
    { tasks: 1, v4: 7 },
    { tasks: 1, v6: 129 },
    { tasks: '2' },
  ])('are refused as %j', (per_network) => {
    expect(only(limited(per_network))?.loc.slice(0, 2)).toEqual(['body', 'per_network']);
  });
});

it.each(['scan', 'plan'] as const)('a %s warns of what is only odd', (kind) => {
  const odd = {
    ...VALID,
    colour: 'red',
    hosts: ['11.0.0.0/16', '12.0.0.0/8 13-14.*.*.*'],
    open_ports_opts: { ports: ['1-40000', '80'], top_ports: 10, speed: 5 },
  };
  const { warnings = [], options } = accepted(read(odd, { kind, maxTargets: 2 ** 26 }));
  expect(warnings.map(({ code, message }) => [code, message])).toEqual([
    ['unknown_field', 'colour is not known and ignored'],
    ['unknown_field', 'open_ports_opts.speed is not known and ignored'],
    ['ports_and_top_ports', 'both ports and top_ports are given: ports count, top_ports is ignored'],
    ['overlapping_ports', '1-40000 and 80 overlap; each port is scanned once'],
    ['many_ports', expect.stringMatching(/40000 tcp ports/)],
    ['huge_range', '12.0.0.0/8 stands for 16777214 addresses'],
    ['huge_range', '13-14.*.*.* stands for 33554432 addresses'],
  ]);
  expect(options.open_ports_opts.top_ports).toBeNull();
  expect(accepted(read({}, { kind })).warnings).toBeUndefined();
});

it('ports count where top_ports is given too, also when they are cut into parts', () => {
  const both = { ports: ['80', '1000-2000'], top_ports: 100 };
  const { options } = accepted(ports(both, { port_shards: 2 }));
  expect(options.open_ports_opts).toMatchObject({ ports: both.ports, top_ports: null });
  expect(openPortsArguments(options.open_ports_opts, 4)).toBe('-Pn -p 80,1000-2000');
  expect(accepted(ports({ ports: [], top_ports: 100 })).options.open_ports_opts.top_ports).toBe(100);
});
