import { expect, it } from 'vitest';
import { openPortsArguments, serviceArguments } from '../../../src/nmap/arguments.ts';
import { portShardsOf } from '../../../src/nmap/portShards.ts';
import { profiles } from '../../support/falcliProfiles.ts';
import { accepted, readRaw } from '../../support/readRequest.ts';

it('there are eleven profiles', () => expect(profiles).toHaveLength(11));

it.each(profiles)('the profile $name is taken as falcli sends it', ({ body, expect: expected }) => {
  for (const kind of ['scan', 'plan'] as const) {
    const { options, warnings = [] } = accepted(readRaw(JSON.stringify(body), { kind }));
    expect(openPortsArguments(options.open_ports_opts, 4)).toBe(expected.open_ports_opts);
    expect(serviceArguments(options, 4)).toBe(expected.service_opts);
    expect(portShardsOf(options).map(({ key }) => key)).toEqual([expected.open_ports_str]);
    expect(warnings.map(({ code }) => code)).toEqual(expected.warnings);
  }
});
