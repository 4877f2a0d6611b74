import type { Address } from '../address/address.ts';
import { behindNat64, embeddedIn, throughNat64 } from '../address/nat64.ts';
import { lowest } from '../entries/hostPattern.ts';
import { type AddressRange, type AddressSet, EMPTY, intersect, subtract, union } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import {
  countByLabel,
  type LabelledIntervals,
  labelAt,
  labelRanges,
  piecesWithin,
} from './labelledIntervals.ts';

interface Layer {
  labels: LabelledIntervals;
  /** Whether it covers the ways to its IPv4 addresses through a NAT64 translator, too. */
  throughNat64: boolean;
}

/**
 * Labelled ranges in layers: a big one that many share, and small ones beside it. The lowest label of all layers is the
 * one that counts.
 *
 * The ways through NAT64 translators are worked out when somebody asks: kept beside the others, these ranges would take
 * three times the room of all.
 */
export type LabelLayers = readonly Layer[];

/** O(log n). */
export function labelIn(layers: LabelLayers, address: Address): number | undefined {
  const behind = behindNat64(address);
  let found: number | undefined;
  for (const { labels, throughNat64: translated } of layers) {
    found = lowest(found, labelAt(labels, address));
    if (translated && behind !== undefined) found = lowest(found, labelAt(labels, behind));
  }
  return found;
}

/** What has a label of a set. */
export function coveredBy(layers: LabelLayers, set: AddressSet): AddressSet {
  return union(...pieces(layers, set).map(joined));
}

/** How many addresses of the set belong to each label; labels without any are missing. */
export function countIn(layers: LabelLayers, set: AddressSet): Map<number, bigint> {
  let [covered, twice] = [EMPTY, EMPTY];
  for (const own of pieces(layers, set).map(joined)) {
    twice = union(twice, intersect(covered, own));
    covered = union(covered, own);
  }
  // Only what several cover has to be compared, which takes ten times as long as to count.
  const counts = countByLabel(labelRanges(pieces(layers, twice).flatMap((each) => [...each])), twice);
  for (const once of pieces(layers, subtract(set, twice)))
    for (const [label, { start, end }] of once)
      counts.set(label, (counts.get(label) ?? 0n) + BigInt(end) - BigInt(start));
  return counts;
}

type Pieces = Iterable<[label: number, range: AddressRange]>;

/** What has a label of a set: the disjoint pieces of each layer, and of its ways through translators. */
function pieces(layers: LabelLayers, set: AddressSet): Pieces[] {
  const behind = embeddedIn(set);
  return layers.flatMap(({ labels, throughNat64: translated }) => [
    piecesWithin(labels, set),
    ...(translated ? [waysTo(piecesWithin(labels, behind))] : []),
  ]);
}

function* waysTo(behind: Pieces): Pieces {
  for (const [label, range] of behind) {
    const way = throughNat64(range);
    if (way !== undefined) yield [label, way];
  }
}

function joined(each: Pieces): AddressSet {
  const set = new AddressSetBuilder();
  for (const [, range] of each) set.add(range);
  return set.toSet();
}
