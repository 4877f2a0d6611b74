import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portShards, portShardsOf } from '../../../src/nmap/portShards.ts';
import { canonicalPorts, countPorts, mergedPorts, parsePorts } from '../../../src/nmap/ports.ts';
import { OPTIONS } from '../../support/stageContext.ts';

const range = fc
  .tuple(fc.integer({ min: 1, max: 65_535 }), fc.nat(400))
  .map(([first, more]) => (more === 0 ? `${first}` : `${first}-${Math.min(first + more, 65_535)}`));

function* each(ports: readonly string[]): Generator<number> {
  for (const { first, last } of ports.map(parsePorts))
    for (let port = first; port <= last; port++) yield port;
}

describe('the parts of a port list', () => {
  it('hold every port once, and are as long as each other', () => {
    fc.assert(
      fc.property(
        fc.array(range, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2, max: 500 }),
        (ports, n) => {
          const shards = portShards(ports, n);
          const all = shards.flatMap((part) => [...each(part)]);
          expect(new Set(all)).toEqual(new Set(each(ports)));
          expect(new Set(all).size).toBe(all.length);
          const sizes = shards.map((part) => [...each(part)].length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          expect(shards.length).toBe(Math.min(n, all.length));
          expect(canonicalPorts(shards.flat())).toBe(canonicalPorts(ports));
        },
      ),
    );
  });

  it('cut ranges where they have to', () => {
    expect(portShards(['1-10'], 3)).toEqual([['1-3'], ['4-6'], ['7-10']]);
    expect(portShards(['80', '443', '8000-8001', '443'], 2)).toEqual([['80', '443'], ['8000-8001']]);
    expect(portShards(['1-65535'], 500)).toHaveLength(500);
    expect(countPorts(mergedPorts(['1-65535']))).toBe(65_535);
  });

  it('are one when nothing is to be cut, with the ports as sent', () => {
    const as = (open_ports_opts: object, more: object = {}) =>
      portShardsOf({
        ...OPTIONS,
        open_ports_opts: { ...OPTIONS.open_ports_opts, ...open_ports_opts },
        ...more,
      });
    expect(as({ ports: ['443', '80'] })).toEqual([{ ports: ['443', '80'], key: '443 80' }]);
    expect(as({ ports: [], top_ports: 100 })).toEqual([{ ports: [], key: 'top-ports:100' }]);
    expect(as({ ports: ['1-4'] }, { port_shards: 2 }).map(({ key }) => key)).toEqual(['1-2', '3-4']);
  });
});
