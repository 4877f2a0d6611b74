import { describe, expect, it } from 'vitest';
import { accepted, only, read, readRaw, refused, VALID } from '../../support/readRequest.ts';

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
      priority: 3,
      single_resolve: false,
      mode: 'append',
      on_invalid: 'refuse',
      include_network_and_broadcast: false,
      allow_unresolved_exclusions: false,
      ip_version: '4',
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
      read({ timeout: 0, mode: 'merge', hosts: ['bad~host', null], open_ports_opts: { ports: ['http'] } }),
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
