import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScanRequest } from '../../src/api/intake.ts';

const VALID = {
  hosts: ['9.9.9.9'],
  open_ports_opts: { ports: ['80'] },
  service_opts: {},
  timeout: 60,
  include_services: false,
  mode: 'append',
};
const LIMITS = { maxTargets: 1_000_000 };

const readRaw = (raw: string | Uint8Array, limits = LIMITS) =>
  readScanRequest(typeof raw === 'string' ? new TextEncoder().encode(raw) : raw, limits);
const read = (changes: object, limits = LIMITS) => readRaw(JSON.stringify({ ...VALID, ...changes }), limits);

function accepted(result: ReturnType<typeof readScanRequest>) {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.detail)}`);
  return result.request;
}
function refused(result: ReturnType<typeof readScanRequest>) {
  if (result.ok) throw new Error(`accepted: ${JSON.stringify(result.request)}`);
  return result;
}
const only = (result: ReturnType<typeof readScanRequest>) => {
  const { detail } = refused(result);
  expect(detail).toHaveLength(1);
  return detail[0];
};

describe('the fields', () => {
  it('fills in defaults and drops what it does not know', () => {
    const request = accepted(read({ colour: 'red', service_opts: { _transport_protocol: 'udp' } }));
    expect(request.options).toEqual({
      open_ports_opts: { ports: ['80'], transport_protocol: 'tcp', skip_host_discovery: true },
      service_opts: {
        aggressive_scan: false,
        default_scripts: false,
        os_detection: false,
        traceroute: false,
      },
      timeout: 60,
      include_services: false,
      single_resolve: false,
      mode: 'append',
    });
  });

  it.each(['60', '60.0', ' 60 ', '+60', '6_0', 60.0])('takes %j as a number', (timeout) => {
    expect(accepted(read({ timeout })).options.timeout).toBe(60);
  });

  it.each([
    ['sixty', 'int_parsing'],
    ['1e2', 'int_parsing'],
    ['0x10', 'int_parsing'],
    ['', 'int_parsing'],
    ['60.5', 'int_parsing'],
    [60.5, 'int_from_float'],
    [null, 'int_type'],
    [[60], 'int_type'],
    [0, 'greater_than_equal'],
    [86_401, 'less_than_equal'],
  ])('refuses %j as a number: %s', (timeout, type) => {
    expect(only(read({ timeout }))).toMatchObject({ type, loc: ['body', 'timeout'] });
  });

  it('takes true as the number 1', () => {
    expect(accepted(read({ timeout: true })).options.timeout).toBe(1);
  });

  it.each([true, 1, 1.0, '1', 'true', 'TRUE', 't', 'yes', 'Y', 'on'])('takes %j as true', (value) => {
    expect(accepted(read({ include_services: value })).options.include_services).toBe(true);
  });

  it.each([false, 0, '0', 'false', 'False', 'f', 'no', 'N', 'off'])('takes %j as false', (value) => {
    expect(accepted(read({ include_services: value })).options.include_services).toBe(false);
  });

  it.each([
    ['maybe', 'bool_parsing'],
    [2, 'bool_parsing'],
    [null, 'bool_type'],
    [[], 'bool_type'],
  ])('refuses %j as a boolean: %s', (single_resolve, type) => {
    expect(only(read({ single_resolve }))).toMatchObject({ type, loc: ['body', 'single_resolve'] });
  });

  it('takes null for the options that may be left out', () => {
    const request = accepted(read({ service_opts: { max_retries: null, dns_resolution: null } }));
    expect(request.options.service_opts).toMatchObject({ max_retries: null, dns_resolution: null });
  });

  it.each([
    [{ mode: 'INSERT' }, 'enum', ['body', 'mode']],
    [{ mode: 7 }, 'enum', ['body', 'mode']],
    [{ mode: undefined }, 'missing', ['body', 'mode']],
    [{ service_opts: null }, 'model_attributes_type', ['body', 'service_opts']],
    [{ service_opts: '{}' }, 'model_attributes_type', ['body', 'service_opts']],
    [{ service_opts: undefined }, 'missing', ['body', 'service_opts']],
    [{ hosts: null }, 'list_type', ['body', 'hosts']],
    [{ hosts: '["9.9.9.9"]' }, 'list_type', ['body', 'hosts']],
    [{ hosts: undefined }, 'missing', ['body', 'hosts']],
    [{ open_ports_opts: {} }, 'missing', ['body', 'open_ports_opts', 'ports']],
    [{ open_ports_opts: { ports: [80] } }, 'string_type', ['body', 'open_ports_opts', 'ports', 0]],
    [
      { open_ports_opts: { ports: [], transport_protocol: null } },
      'enum',
      ['body', 'open_ports_opts', 'transport_protocol'],
    ],
  ])('refuses %j: %s', (changes, type, loc) => {
    expect(refused(read(changes)).detail).toContainEqual(expect.objectContaining({ type, loc }));
  });

  it('names everything that is wrong at once', () => {
    const { detail } = refused(
      read({ timeout: 0, mode: 'merge', hosts: ['bad host', null], open_ports_opts: { ports: ['http'] } }),
    );
    expect(detail.map(({ loc }) => loc.slice(1).join('.')).sort()).toEqual(
      ['hosts.0', 'hosts.1', 'mode', 'open_ports_opts.ports.0', 'timeout'].sort(),
    );
  });
});

describe('ports', () => {
  it.each(['1', '65535', '1-65535', '80-80'])('takes %j', (port) => {
    expect(accepted(read({ open_ports_opts: { ports: [port] } })).options.open_ports_opts.ports).toEqual([
      port,
    ]);
  });

  it.each(['0', '65536', '1-99999', '0-5', '80-', '-80', '22,80', ' 80', '٣', '²', '', '9-1', '1-2-3'])(
    'refuses %j',
    (port) => {
      const problem = only(read({ open_ports_opts: { ports: ['80', port] } }));
      expect(problem).toMatchObject({
        type: 'value_error',
        loc: ['body', 'open_ports_opts', 'ports', 1],
        input: port,
      });
    },
  );
});

describe('the body as a whole', () => {
  it.each([
    ['', 'missing'],
    ['null', 'missing'],
    ['[]', 'model_attributes_type'],
    ['"text"', 'model_attributes_type'],
    ['7', 'model_attributes_type'],
  ])('refuses %j: %s', (raw, type) => {
    expect(only(readRaw(raw))).toMatchObject({ type, loc: ['body'] });
  });

  it.each(['{', '{"timeout": NaN}', "{'a':1}"])('refuses %j as JSON', (raw) => {
    expect(only(readRaw(raw))?.type).toBe('json_invalid');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(only(readRaw(Buffer.from('{"hosts":["\xff"]}', 'latin1')))?.msg).toContain('UTF-8');
  });

  it('lets the last of equal keys win', () => {
    const raw = JSON.stringify(VALID).replace('{', '{"timeout":5,');
    expect(accepted(readRaw(raw)).options.timeout).toBe(60);
  });

  it('is not led astray by __proto__', () => {
    const raw = JSON.stringify(VALID).replace('{', '{"__proto__":{"single_resolve":true},');
    expect(accepted(readRaw(raw)).options.single_resolve).toBe(false);
  });
});

describe('hosts', () => {
  it('keeps distinct entries as typed, in their order', () => {
    const hosts = ['A.test', '8.8.8.3/29', 'a.test.', '8.8.8.0/29', '9.9.9.9', '9.9.9.9'];
    const { entries, provided, duplicatesRemoved, names } = accepted(read({ hosts }));
    expect({ entries: entries.split('\n'), provided, duplicatesRemoved, names }).toEqual({
      entries: ['A.test', '8.8.8.3/29', '9.9.9.9'],
      provided: 6,
      duplicatesRemoved: 3,
      names: 1,
    });
  });

  it('may be empty', () => {
    expect(accepted(read({ hosts: [] }))).toMatchObject({ entries: '', provided: 0, names: 0 });
  });

  it('names every bad entry, with what was meant where that is clear', () => {
    const { detail } = refused(read({ hosts: ['9.9.9.9', '8.8.8.8:80', true, 'bad host'] }));
    expect(detail.map(({ type, loc }) => [type, loc[2]])).toEqual([
      ['value_error', 1],
      ['string_type', 2],
      ['value_error', 3],
    ]);
    expect(detail[0]?.msg).toContain('did you mean 8.8.8.8?');
  });

  it('shows at most 100 characters of an entry', () => {
    expect(only(read({ hosts: ['!'.repeat(5_000)] }))?.input).toBe('!'.repeat(100));
  });

  it('lists 1,000 problems and counts all', () => {
    const { detail, total } = refused(
      read({ hosts: Array.from({ length: 2_500 }, (_, i) => `bad host ${i}`) }),
    );
    expect(detail).toHaveLength(1_000);
    expect(total).toBe(2_500);
    expect(detail[999]?.loc).toEqual(['body', 'hosts', 999]);
  });

  it('counts the union of the targets against the limit', () => {
    const limits = { maxTargets: 256 };
    accepted(read({ hosts: ['8.8.8.0/24', '8.8.8.0/25', 'a.test', 'b.test'] }, limits));
    const problem = only(read({ hosts: ['8.8.8.0/24', 'a.test', 'b.test', 'c.test'] }, limits));
    expect(problem?.loc).toEqual(['body', 'hosts']);
    expect(problem?.msg).toMatch(/257.*256/);
  });

  it('counts IPv6 networks beyond any number', () => {
    expect(only(read({ hosts: ['2600::/12'] }))?.msg).toContain('the limit is 1000000');
  });

  it('takes a million entries', () => {
    const hosts = Array.from({ length: 1_000_000 }, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    const request = accepted(read({ hosts }));
    expect(request.provided).toBe(1_000_000);
    expect(request.duplicatesRemoved).toBe(0);
    expect(request.entries.length).toBe(hosts.join('\n').length);
  });

  it('never loses an entry: every one is kept, a duplicate, or named', () => {
    const entry = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.domain(),
      fc
        .tuple(fc.ipV4(), fc.integer({ min: 20, max: 33 }))
        .map(([address, length]) => `${address}/${length}`),
      fc.string(),
      fc.constantFrom<unknown>(null, 5, true, '8.8.8.8\n', '\n', 'a.test\nb.test'),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (hosts) => {
        const result = read({ hosts }, { maxTargets: Number.MAX_SAFE_INTEGER });
        if (result.ok) {
          const kept = result.request.entries === '' ? [] : result.request.entries.split('\n');
          expect(kept.length + result.request.duplicatesRemoved).toBe(hosts.length);
          for (const one of kept) expect(hosts).toContain(one);
        } else if (result.detail[0]?.type !== 'too_many_targets') {
          const bad = new Set(result.detail.map(({ loc }) => loc[2]));
          const good = hosts.filter((_, index) => !bad.has(index));
          expect(read({ hosts: good }, { maxTargets: Number.MAX_SAFE_INTEGER }).ok).toBe(true);
        }
      }),
    );
  });
});
