import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REGISTRY, type SpecialPurposeRow } from '../../../src/targets/scope/specialPurposeRegistry.ts';

/** What the registries do not list: multicast, and what IPv6 keeps for later or has given up. */
const OTHERS = [...['224.0.0.0/4', 'ff00::/8'], ...['::/0', '2000::/3', '::/96', 'fec0::/10']];
/** What stands in the registries as not globally reachable, and opens for internal work. */
const INTERNAL = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

interface Block {
  network: string;
  name: string;
  rfc: string;
  /** True, False, N/A, or nothing for a block that was given back. */
  reachable: string;
}

const BLOCKS = ['ipv4', 'ipv6'].flatMap(blocksOf);
const ROWS = new Map(REGISTRY.map((row) => [row.network, row]));

it('our table knows all blocks of both registries', () => {
  expect(BLOCKS).toHaveLength(26 + 25);
});

it.each(BLOCKS)('$network ($name) is in our table, under its name and RFC', ({ network, name, rfc }) => {
  expect(ROWS.get(network)).toMatchObject({ source: rfc });
  expect(ROWS.get(network)?.name.split(': N/A')[0]).toBe(name);
});

it.each(BLOCKS)('$network is open where the registry says $reachable', ({ network, reachable }) => {
  expect(ROWS.get(network)?.opens).toBe(opensOf(network, reachable));
});

it('our table says why of those that are neither reachable nor unreachable by the registry', () => {
  const open = BLOCKS.filter(({ reachable }) => reachable !== 'True' && reachable !== 'False');
  expect(open.map(({ network }) => network)).toEqual([
    ...['192.88.99.0/24', '2001::/32', '2001:10::/28', '2002::/16'],
  ]);
  for (const { network } of open) expect(ROWS.get(network)?.name).toContain(': N/A, ');
});

it('our table has no other rows than these, the metadata services and what other RFCs say', () => {
  const listed = new Set([...BLOCKS.map(({ network }) => network), ...OTHERS]);
  const more = REGISTRY.filter(({ network }) => !listed.has(network));
  expect(new Set(more.map(({ name }) => name))).toEqual(new Set(['Cloud metadata service']));
});

function opensOf(network: string, reachable: string): SpecialPurposeRow['opens'] {
  if (reachable === 'True') return 'always';
  return INTERNAL.includes(network) ? 'private' : 'never';
}

function blocksOf(family: string): Block[] {
  const file = new URL(`../../fixtures/iana/${family}-special-registry.csv`, import.meta.url);
  const [, ...rows] = recordsOf(readFileSync(file, 'utf8'));
  return rows.flatMap(([blocks = '', name = '', rfcs = '', , , , , , reachable = '']) =>
    blocks.split(', ').map((network) => ({
      network: withoutFootnote(network),
      name,
      rfc: `RFC ${/\[RFC(\d+)\]/.exec(rfcs)?.[1]}`,
      reachable: withoutFootnote(reachable),
    })),
  );
}

function withoutFootnote(text: string): string {
  return text.replace(/ \[\d+\]$/, '');
}

/** CSV as in RFC 4180: a field in quotes may hold commas and line ends. */
function recordsOf(csv: string): string[][] {
  const records: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    records.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\n') records.push([]);
  }
  return records.slice(0, -1);
}
