/** How long a list of ports may be. What is wrong with one port stands in intake.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPorts, portsString } from '../../../src/nmap/ports.ts';
import { accepted, only, read } from '../../support/readRequest.ts';

const LIMITS = { items: 65_535, bytes: 65_536 };
const withPorts = (ports: unknown[], more: object = {}) => read({ open_ports_opts: { ports }, ...more });
const odd = (count: number) => Array.from({ length: count }, (_, index) => `${2 * index + 1}`);

describe('a list of ports', () => {
  it('of too many items is refused with the number, the limit and the merged spelling', () => {
    const problem = only(withPorts([...new Array<string>(LIMITS.items).fill('81'), '80']));
    expect(problem).toMatchObject({
      type: 'too_many_ports',
      loc: ['body', 'open_ports_opts', 'ports'],
      msg: 'there are 65536 items; the limit is 65535: did you mean ["80-81"]?',
      input: '[list of 65536]',
    });
    expect(only(withPorts(new Array<string>(1_000_001).fill('80')))?.msg).toBe(
      'there are 1000001 items; the limit is 65535: write ranges',
    );
  });

  it('that a task would say in too many bytes is refused, in whatever parts it is cut', () => {
    const long = [...new Array<string>(13_107).fill('1234'), '12'];
    expect(portsString(long).length).toBe(LIMITS.bytes + 1);
    for (const more of [{}, { port_shards: 2, mode: 'append' }])
      expect(only(withPorts([...long], more))?.msg).toBe(
        'the ports come to 65537 bytes, joined by blanks; the limit is 65536: did you mean ["12","1234"]?',
      );
    accepted(withPorts([...long.slice(0, -1), '1']));
  });

  it('that is long however it is spelled is told what would do', () => {
    expect(only(withPorts(odd(32_768)))?.msg).toMatch(
      /191052 bytes.*merged they are still 191052 bytes, so send them in parts/,
    );
    const twice = odd(8_000);
    expect(only(withPorts([...twice, ...twice]))?.msg).toMatch(
      /the limit is 65536: merged and in order they are 8000 items of \d+ bytes: write them so$/,
    );
  });

  it('with items that are no ports has no other spelling', () => {
    const result = withPorts([...new Array<string>(LIMITS.items).fill('80'), 'x']);
    if (result.ok) throw new Error('accepted');
    expect(result.detail.map(({ msg }) => msg)).toEqual([
      'not a port: expected N or A-B in digits',
      'there are 65536 items; the limit is 65535',
    ]);
  });

  it('is accepted up to the limits, and goes on as it was sent', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 65_535 }), fc.nat(2_000))
      .map(([first, more]) => (more % 3 ? `${first}` : `${first}-${Math.min(65_535, first + more)}`));
    const lists = fc
      .tuple(fc.array(range, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 3_000 }))
      .map(([ports, times]) => new Array<string[]>(times).fill(ports).flat());
    fc.assert(
      fc.property(lists, (ports) => {
        const result = withPorts(ports);
        const fits = ports.length <= LIMITS.items && portsString(ports).length <= LIMITS.bytes;
        expect(result.ok).toBe(fits);
        if (fits) expect(accepted(result).options.open_ports_opts.ports).toEqual(ports);
        else {
          const [, meant] = /did you mean (\[.*\])\?$/.exec(only(result)?.msg ?? '') ?? [];
          const suggested = JSON.parse(meant ?? '[]') as string[];
          if (suggested.length > 0) expect(canonicalPorts(suggested)).toBe(canonicalPorts(ports));
        }
      }),
      { numRuns: 60 },
    );
  });
});
