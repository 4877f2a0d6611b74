import { describe, expect, it } from 'vitest';
import { type Address, parseAddress } from '../../../src/targets/address/address.ts';
import { expandEntries } from '../../../src/targets/entries/expandEntries.ts';
import type { KnownName } from '../../../src/targets/scope/compiledRules.ts';
import type { Level } from '../../../src/targets/scope/rules.ts';
import { EMPTY } from '../../../src/targets/sets/addressSet.ts';
import { compileScope } from '../../support/compileScope.ts';

const setOf = (...entries: string[]) => expandEntries(entries).set;
const addressOf = (text: string): Address => parseAddress(text) ?? Number.NaN;

interface Given {
  allowPrivate?: boolean;
  allowed?: string[];
  exclusions?: [Level, string][];
  /** name -> addresses, then the names of its CNAME chain */
  submitted?: Record<string, [addresses: string[], chain?: string[]]>;
  excluded?: Record<string, [addresses: string[], chain?: string[]]>;
  /** What is a target by itself. */
  listed?: string[];
}

function scopeOf({
  allowPrivate = false,
  allowed,
  exclusions = [],
  submitted = {},
  excluded = {},
  listed = [],
}: Given) {
  const known = (names: NonNullable<Given['submitted']>) =>
    new Map(
      Object.entries(names).map(([name, [addresses, chain = []]]): [string, KnownName] => [
        name,
        { addresses: addresses.map(addressOf), chain },
      ]),
    );
  return compileScope(
    {
      allowPrivate,
      ...(allowed && { allowed }),
      exclusions: exclusions.map(([level, entry]) => ({ level, entry })),
    },
    { submitted: known(submitted), excluded: known(excluded), listed: setOf(...listed) },
  );
}

/** `forbidden by exclusion, project, 8.8.8.8`, or undefined. */
function verdict(given: Given, text: string): string | undefined {
  const refusal = scopeOf(given).judge(addressOf(text));
  return refusal && `${refusal.reason} by ${Object.values(refusal.detail).join(', ')}`;
}

describe('special-purpose addresses and the allowlist', () => {
  it('accept everything reachable when there is no rule', () => {
    expect(scopeOf({}).split(setOf('8.8.8.8', '10.0.0.1', 'fe80::1'))).toEqual({
      accepted: setOf('8.8.8.8'),
      private_ip: setOf('10.0.0.1', 'fe80::1'),
      forbidden: EMPTY,
    });
  });

  it('let the registries win over the allowlist', () => {
    const scope = scopeOf({ allowed: ['8.8.8.0/24', '10.0.0.0/8', '2606:4700::/32'] });
    const set = setOf('8.8.8.8', '9.9.9.9', '10.0.0.1', '2606:4700::1', '2a00::1');
    expect(scope.split(set)).toEqual({
      accepted: setOf('8.8.8.8', '2606:4700::1'),
      private_ip: setOf('10.0.0.1'),
      forbidden: setOf('9.9.9.9', '2a00::1'),
    });
  });

  it('accept nothing when the allowlist is empty', () => {
    expect(scopeOf({ allowed: [] }).split(setOf('8.8.8.8')).forbidden).toEqual(setOf('8.8.8.8'));
    expect(verdict({ allowed: [] }, '8.8.8.8')).toBe('forbidden by allowlist, ALLOWED_HOSTS, ');
  });

  it('keep the allowlist narrow when private targets are allowed', () => {
    const given = { allowPrivate: true, allowed: ['10.0.0.0/24', '127.0.0.0/8', '169.254.169.254'] };
    expect(verdict(given, '10.0.0.1')).toBeUndefined();
    expect(verdict(given, '10.0.1.1')).toBe('forbidden by allowlist, ALLOWED_HOSTS, ');
    expect(verdict(given, '127.0.0.1')).toBe(
      'private_ip by special_purpose, IANA: Loopback (RFC 1122), 127.0.0.0/8',
    );
    expect(verdict(given, '169.254.169.254')).toBe(
      'private_ip by special_purpose, Cloud metadata service (AWS, Azure, Google Cloud, Oracle Cloud and others), 169.254.169.254/32',
    );
  });

  it('name the row of the registry that they were refused by', () => {
    expect(verdict({}, '10.0.0.1')).toBe(
      'private_ip by special_purpose, IANA: Private-Use (RFC 1918), 10.0.0.0/8',
    );
    expect(verdict({}, '64:ff9b::a00:1')).toBe(
      'private_ip by special_purpose, IANA: Private-Use, through NAT64 (RFC 1918), 64:ff9b::a00:0/104',
    );
  });

  it('allow all of a network, also its first and its last address', () => {
    const scope = scopeOf({ allowed: ['8.8.8.0/24'] });
    const { accepted } = scope.split(setOf('8.8.8.0', '8.8.8.255', '8.8.9.0'));
    expect(accepted).toEqual(setOf('8.8.8.0', '8.8.8.255'));
  });
});

describe('names in the allowlist', () => {
  const submitted: Given['submitted'] = {
    'www.a.test': [['8.8.8.8', '10.0.0.1']],
    'a.test': [['8.8.4.4']],
    'other.test': [['9.9.9.9'], ['www.a.test']],
  };

  it('allow what submitted names resolve to that match themselves', () => {
    const given = { allowed: ['*.a.test'], submitted };
    expect(verdict(given, '8.8.8.8')).toBeUndefined();
    expect(verdict(given, '8.8.4.4')).toContain('allowlist');
    expect(verdict({ ...given, allowed: ['A.test.'] }, '8.8.4.4')).toBeUndefined();
  });

  it('do not follow CNAMEs, do not widen, and use no excluded name', () => {
    const given = { allowed: ['*.a.test'], submitted, excluded: { 'x.a.test': [['7.7.7.7']] } } as Given;
    expect(verdict(given, '9.9.9.9')).toContain('allowlist');
    expect(verdict(given, '10.0.0.1')).toContain('private_ip');
    expect(verdict(given, '7.7.7.7')).toContain('allowlist');
  });
});

describe('exclusions', () => {
  it('win over everything, at every level', () => {
    for (const level of ['installation', 'project', 'request'] as const) {
      const exclusions: Given['exclusions'] = [[level, '10.0.0.0/8']];
      const expected = `forbidden by exclusion, ${level}, 10.0.0.0/8`;
      expect(verdict({ exclusions }, '10.0.0.1')).toBe(expected);
      expect(verdict({ exclusions, allowPrivate: true }, '10.0.0.0')).toBe(expected);
      expect(verdict({ exclusions, allowPrivate: true, allowed: ['10.0.0.1'] }, '10.255.255.255')).toBe(
        expected,
      );
    }
  });

  it('name the first of several', () => {
    const exclusions: Given['exclusions'] = [
      ['installation', 'a.test'],
      ['project', '8.8.8.0/24'],
      ['request', '8.8.8.8'],
    ];
    expect(verdict({ exclusions }, '8.8.8.8')).toBe('forbidden by exclusion, project, 8.8.8.0/24');
    expect(verdict({ exclusions, excluded: { 'a.test': [['8.8.8.8']] } }, '8.8.8.8')).toBe(
      'forbidden by exclusion, installation, a.test',
    );
  });

  it('also close the way through NAT64, but not the other way round', () => {
    const exclusions: Given['exclusions'] = [['project', '8.8.8.8']];
    expect(verdict({ exclusions }, '64:ff9b::808:808')).toBe('forbidden by exclusion, project, 8.8.8.8');
    expect(verdict({ exclusions }, '64:ff9b::808:809')).toBeUndefined();
    const all6: Given['exclusions'] = [['project', '::/0']];
    expect(verdict({ exclusions: all6 }, '8.8.8.8')).toBeUndefined();
    expect(verdict({ exclusions: all6 }, '2606::1')).toContain('::/0');
  });

  it('by address exclude the names that lead there, but not what else leads to their other addresses', () => {
    const given: Given = {
      exclusions: [['request', '8.8.8.8']],
      submitted: { 'a.test': [['8.8.8.8', '8.8.4.4']], 'b.test': [['9.9.9.9']] },
    };
    const set = setOf('8.8.8.8', '8.8.4.4', '9.9.9.9');
    const refused = { accepted: setOf('9.9.9.9'), private_ip: EMPTY, forbidden: setOf('8.8.8.8', '8.8.4.4') };
    expect(scopeOf(given).split(set)).toEqual(refused);
    expect(verdict(given, '8.8.4.4')).toBe('forbidden by exclusion, request, 8.8.8.8');
    const name = { addresses: [addressOf('8.8.8.8'), addressOf('8.8.4.4')], chain: [] };
    expect(scopeOf(given).judgeName('a.test', name)?.detail.entry).toBe('8.8.8.8');

    const open = { accepted: setOf('8.8.4.4', '9.9.9.9'), private_ip: EMPTY, forbidden: setOf('8.8.8.8') };
    expect(scopeOf({ ...given, listed: ['8.8.4.0/29'] }).split(set)).toEqual(open);
    const other = { ...given.submitted, 'c.test': [['8.8.4.4']] } as Given['submitted'] & object;
    expect(scopeOf({ ...given, submitted: other }).split(set)).toEqual(open);
  });

  it('throw on an entry that cannot be read, rather than pass it over', () => {
    expect(() => scopeOf({ exclusions: [['project', '010.0.0.1']] })).toThrow(
      /^exclusions \(project\): "010\.0\.0\.1": .* leading zero/,
    );
    expect(() => scopeOf({ allowed: ['8.8.8.8:53'] })).toThrow(
      /^ALLOWED_HOSTS: .*did you mean 8\.8\.8\.8\?$/,
    );
  });
});

describe('excluded names', () => {
  const exclusions: Given['exclusions'] = [
    ['project', 'WWW.a.test'],
    ['request', '*.shop.test'],
  ];
  const given: Given = {
    exclusions,
    excluded: { 'www.a.test': [['8.8.8.8', '2606::8']] },
    submitted: {
      'api.shop.test': [['9.9.9.9']],
      'shop.test': [['9.9.9.1']],
      'alias.test': [['7.7.7.7'], ['Edge.Shop.test.', 'edge.cdn.test']],
      'www.a.test': [['8.8.8.9']],
    },
  };

  it('exclude their addresses, however they come in', () => {
    expect(verdict(given, '8.8.8.8')).toBe('forbidden by exclusion, project, WWW.a.test');
    expect(verdict(given, '2606::8')).toBe('forbidden by exclusion, project, WWW.a.test');
    expect(scopeOf(given).split(setOf('8.8.8.8/29')).accepted).toEqual(
      setOf('8.8.8.10', '8.8.8.11', '8.8.8.12', '8.8.8.13', '8.8.8.14'),
    );
  });

  it('exclude what the same name resolved to when it was submitted', () => {
    expect(verdict(given, '8.8.8.9')).toBe('forbidden by exclusion, project, WWW.a.test');
  });

  it('exclude by pattern what submitted names resolve to, but not the domain itself', () => {
    expect(verdict(given, '9.9.9.9')).toBe('forbidden by exclusion, request, *.shop.test');
    expect(verdict(given, '9.9.9.1')).toBeUndefined();
  });

  it('exclude names whose CNAME chain passes through them', () => {
    expect(verdict(given, '7.7.7.7')).toBe('forbidden by exclusion, request, *.shop.test');
    const scope = scopeOf(given);
    const through = (...chain: string[]): KnownName => ({ addresses: [], chain });
    expect(scope.judgeName('alias.test', through('edge.shop.test'))?.detail).toEqual({
      rule: 'exclusion',
      source: 'request',
      entry: '*.shop.test',
    });
    expect(scope.judgeName('shop.test', through())).toBeUndefined();
    expect(scope.judgeName('a.b.shop.test', through('www.a.test'))?.detail.entry).toBe('WWW.a.test');
  });

  it('win over the allowlist that names the same', () => {
    expect(verdict({ ...given, allowed: ['*.shop.test', '9.9.9.9'] }, '9.9.9.9')).toContain('exclusion');
  });
});

describe('the breakdown', () => {
  const exclusions: Given['exclusions'] = [
    ['installation', '8.8.8.0/28'],
    ['project', '8.8.8.8'],
    ['project', '8.8.8.16/30'],
    ['request', '8.8.8.32'],
  ];
  const scope = scopeOf({ exclusions, allowed: ['8.8.8.0/24'] });
  const refused = scope.split(setOf('8.8.8.0/26', '9.9.9.0/29', '10.0.0.0/30', '127.0.0.1'));
  const rows = (maxRows: number) =>
    scope
      .breakdown(refused, maxRows)
      .map(({ reason, detail, count }) =>
        [reason, detail.rule, detail.source, detail.entry, count].join(' '),
      );

  it('counts each address at one rule, most first', () => {
    expect(rows(10)).toEqual([
      'forbidden exclusion installation 8.8.8.0/28 15',
      'forbidden allowlist ALLOWED_HOSTS  6',
      'forbidden exclusion project 8.8.8.16/30 4',
      'private_ip special_purpose IANA: Private-Use (RFC 1918) 10.0.0.0/8 2',
      'forbidden exclusion request 8.8.8.32 1',
      'private_ip special_purpose IANA: Loopback (RFC 1122) 127.0.0.0/8 1',
    ]);
  });

  it('sums up what is beyond the cap', () => {
    expect(rows(1)).toEqual([
      'forbidden exclusion installation 8.8.8.0/28 15',
      'forbidden allowlist ALLOWED_HOSTS  6',
      'forbidden exclusion   5',
      'private_ip special_purpose   3',
    ]);
    expect(rows(0)[0]).toBe('forbidden exclusion   20');
  });
});
