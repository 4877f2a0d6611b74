import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from '../../../src/api/intake/editDistance.ts';
import { accepted, read, refused, VALID } from '../../support/readRequest.ts';

type Place = 'open_ports_opts' | 'service_opts';

/** A request with one more field, at the top or in one of its objects. */
function withField(name: string, value: unknown, place?: Place, kind: 'scan' | 'plan' = 'scan') {
  // JSON.parse, because a literal would make something else of __proto__.
  const field: object = JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);
  return read(place === undefined ? field : { [place]: { ...VALID[place], ...field } }, { kind });
}

function warningsOf(...args: Parameters<typeof withField>) {
  return accepted(withField(...args)).warnings ?? [];
}

describe('a field that could have been meant to narrow the scan is refused', () => {
  it.each<[name: string, place: Place | undefined, hint: string]>([
    ['excludes', undefined, 'did you mean exclude?'],
    ['excluded', undefined, 'did you mean exclude?'],
    ['exlcude', undefined, 'did you mean exclude?'],
    ['exlude', undefined, 'did you mean exclude?'],
    ['Exclude', undefined, 'did you mean exclude?'],
    ['EXCLUDE ', undefined, 'did you mean exclude?'],
    ['ехclude', undefined, 'did you mean exclude?'], // the first two letters are Cyrillic
    ['exclude\u200b', undefined, 'did you mean exclude?'],
    ['exclusions', undefined, 'did you mean exclude?'],
    ['exclude_hosts', undefined, 'did you mean exclude?'],
    ['excludeHosts', undefined, 'did you mean exclude?'],
    ['hosts-excluded', undefined, 'did you mean exclude?'],
    ['excluded_hosts', undefined, 'did you mean exclude?'],
    ['exempt', undefined, 'did you mean exclude?'],
    ['except', undefined, 'did you mean exclude?'],
    ['skip', undefined, 'did you mean exclude?'],
    ['skip_hosts', undefined, 'did you mean exclude?'],
    ['ignore', undefined, 'did you mean exclude?'],
    ['blacklist', undefined, 'did you mean exclude?'],
    ['black_list', undefined, 'did you mean exclude?'],
    ['denylist', undefined, 'did you mean exclude?'],
    ['blocklist', undefined, 'did you mean exclude?'],
    ['do_not_scan', undefined, 'did you mean exclude?'],
    ['exclude', 'open_ports_opts', 'did you mean exclude beside hosts?'],
    ['excludes', 'service_opts', 'did you mean exclude beside hosts?'],
    ['exclude_ports', undefined, 'no field leaves ports out: write open_ports_opts.ports without them'],
    [
      'exclude_ports',
      'open_ports_opts',
      'no field leaves ports out: write open_ports_opts.ports without them',
    ],
    ['excludedPort', undefined, 'no field leaves ports out: write open_ports_opts.ports without them'],
    ['skip_ports', 'service_opts', 'no field leaves ports out: write open_ports_opts.ports without them'],
    ['ports', undefined, 'did you mean open_ports_opts.ports?'],
    ['ports', 'service_opts', 'did you mean open_ports_opts.ports?'],
    ['port', undefined, 'did you mean open_ports_opts.ports?'],
    ['port', 'open_ports_opts', 'did you mean open_ports_opts.ports?'],
    ['prots', 'open_ports_opts', 'did you mean open_ports_opts.ports?'],
    ['port_list', 'open_ports_opts', 'did you mean open_ports_opts.ports?'],
    ['scan_ports', undefined, 'did you mean open_ports_opts.ports?'],
    ['top_prots', undefined, 'did you mean open_ports_opts.top_ports?'],
    ['open_ports_opts.ports', undefined, 'did you mean open_ports_opts.ports?'],
    ['top_ports', undefined, 'did you mean open_ports_opts.top_ports?'],
    ['topPorts', 'open_ports_opts', 'did you mean open_ports_opts.top_ports?'],
    ['protocol', undefined, 'did you mean open_ports_opts.transport_protocol?'],
    ['protocol', 'open_ports_opts', 'did you mean open_ports_opts.transport_protocol?'],
    ['transport', 'open_ports_opts', 'did you mean open_ports_opts.transport_protocol?'],
    ['transport_protocol', undefined, 'did you mean open_ports_opts.transport_protocol?'],
    ['transport_protocol', 'service_opts', 'did you mean open_ports_opts.transport_protocol?'],
    ['transport_protocols', 'open_ports_opts', 'did you mean open_ports_opts.transport_protocol?'],
    ['udp', 'open_ports_opts', 'did you mean open_ports_opts.transport_protocol?'],
    ['on_invalids', undefined, 'did you mean on_invalid?'],
    ['onInvalid', undefined, 'did you mean on_invalid?'],
    ['skip_invalid', undefined, 'did you mean on_invalid?'],
    ['on_invalid', 'open_ports_opts', 'did you mean on_invalid beside hosts?'],
    ['allow_unresolved_exclusion', undefined, 'did you mean allow_unresolved_exclusions?'],
    ['allowed_hosts', undefined, 'only what stands in hosts is scanned'],
    ['allowlist', undefined, 'only what stands in hosts is scanned'],
    ['whitelist', undefined, 'only what stands in hosts is scanned'],
    ['include', undefined, 'only what stands in hosts is scanned'],
    ['only', undefined, 'only what stands in hosts is scanned'],
    ['scope', undefined, 'only what stands in hosts is scanned'],
    ['ipversion', undefined, 'did you mean ip_version?'],
    ['ipv4_only', undefined, 'did you mean ip_version?'],
    ['single_resolv', undefined, 'did you mean single_resolve?'],
    ['max_rate', undefined, 'did you mean open_ports_opts.max_rate?'],
    ['maxrate', 'service_opts', 'did you mean open_ports_opts.max_rate?'],
    ['rate_limit', undefined, 'did you mean open_ports_opts.max_rate?'],
    ['dry_run', undefined, 'POST plan makes a plan; {"plan": "<id>"} alone runs it'],
    ['plan_id', undefined, 'POST plan makes a plan; {"plan": "<id>"} alone runs it'],
  ])('%s in %s', (name, place, hint) => {
    const path = place === undefined ? [name] : [place, name];
    for (const kind of ['scan', 'plan'] as const)
      expect(refused(withField(name, ['8.8.8.8'], place, kind)).detail).toEqual([
        {
          type: 'extra_forbidden',
          loc: ['body', ...path],
          msg: `${path.join('.')} is not known here, and could have been meant to narrow the scan; ${hint}`,
          input: '[list of 1]',
        },
      ]);
  });

  it('all of them are named, beside everything else that is wrong', () => {
    const { detail } = refused(
      read({
        excludes: [],
        open_ports_opts: { ports: ['1-10000'], exclude_ports: ['9100'], protocol: 'udp' },
        timeout: 0,
      }),
    );
    expect(detail.map(({ loc }) => loc.slice(1).join('.'))).toEqual([
      'timeout',
      'excludes',
      'open_ports_opts.exclude_ports',
      'open_ports_opts.protocol',
    ]);
  });

  it('the id of a plan stands alone', () => {
    const plan = '7c0e3df6-4c1d-444d-ad40-41a27ca48d87';
    for (const field of ['exclude', 'excludes', 'colour', 'hosts'])
      expect(refused(read({ plan, [field]: ['8.8.8.8'] })).detail).toContainEqual(
        expect.objectContaining({ loc: ['body', field], msg: expect.stringMatching(/stands alone/) }),
      );
  });
});

describe('any other field is named in the warnings', () => {
  it.each<[name: string, place?: Place]>([
    ['colour'],
    ['comment'],
    ['name'],
    ['note'],
    ['version'],
    ['track_history'],
    ['engagement'],
    ['tags'],
    ['user'],
    ['description'],
    ['speed', 'open_ports_opts'],
    ['scripts', 'service_opts'],
    ['__proto__'],
    ['constructor'],
    ['toString', 'service_opts'],
    ['hasOwnProperty', 'open_ports_opts'],
    ['_exclude'],
    ['_transport_protocol', 'service_opts'],
    [''],
  ])('%s in %s', (name, place) => {
    const path = place === undefined ? [name] : [place, name];
    for (const kind of ['scan', 'plan'] as const)
      expect(warningsOf(name, ['8.8.8.8'], place, kind)).toEqual([
        {
          code: 'unknown_field',
          message: `${path.join('.')} is not known and ignored`,
          loc: ['body', ...path],
        },
      ]);
  });

  it.each<[name: string, place: Place | undefined, hint: string]>([
    ['skip_host_discovery', 'service_opts', 'open_ports_opts.skip_host_discovery'],
    ['max_retries', undefined, 'open_ports_opts.max_retries'],
    ['min_rate', undefined, 'open_ports_opts.min_rate'],
    ['tracroute', 'service_opts', 'service_opts.traceroute'],
    ['port_shard', undefined, 'port_shards'],
    ['timeout', 'open_ports_opts', 'timeout beside hosts'],
  ])('with what was meant: %s in %s', (name, place, meant) => {
    expect(warningsOf(name, true, place)).toMatchObject([
      { message: expect.stringMatching(new RegExp(`is not known and ignored; did you mean ${meant}\\?$`)) },
    ]);
  });

  it('up to two hundred of them, and more are refused', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, i]));
    expect(accepted(read(many(200))).warnings).toHaveLength(200);
    expect(refused(read(many(201))).detail).toMatchObject([{ type: 'extra_forbidden', loc: ['body'] }]);
  });
});

it('no field is passed over in silence, whatever it is called', () => {
  const name = fc.oneof(fc.string(), fc.stringMatching(/^[a-z_]{1,12}$/));
  fc.assert(
    fc.property(name, fc.constantFrom(undefined, 'open_ports_opts', 'service_opts'), (typed, place) => {
      const known = place === undefined ? VALID : { ports: 1, ...VALID[place] };
      fc.pre(!Object.hasOwn(known, typed) && typed !== 'plan');
      const result = withField(typed, {}, place);
      const said = result.ok ? (accepted(result).warnings ?? []) : refused(result).detail;
      // A known field of the wrong type is named as well.
      expect(said).toContainEqual(
        expect.objectContaining({ loc: ['body', ...(place ? [place] : []), typed] }),
      );
    }),
    { numRuns: 500 },
  );
});

it('the distance of two names counts letters that are added, left out, replaced and swapped', () => {
  const cases: [string, string, number][] = [
    ['', '', 0],
    ['exclude', 'exclude', 0],
    ['', 'abc', 3],
    ['excludes', 'exclude', 1],
    ['exlude', 'exclude', 1],
    ['exklude', 'exclude', 1],
    ['exlcude', 'exclude', 1],
    ['include', 'exclude', 2],
    ['ports', 'hosts', 2],
    ['abc', 'xyz', 3],
  ];
  for (const [a, b, distance] of cases) {
    expect(editDistance(a, b), `${a} ${b}`).toBe(distance);
    expect(editDistance(b, a), `${b} ${a}`).toBe(distance);
  }
});
