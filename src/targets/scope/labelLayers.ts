import type { Address } from '../address/address.ts';
import { behindNat64, embeddedIn, throughNat64 } from '../address/nat64.ts';
import { lowest } from '../entries/hostPattern.ts';
import type { AddressRange, AddressSet } from '../sets/addressSet.ts';
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
  const covered = new AddressSetBuilder();
  for (const [, range] of pieces(layers, set)) covered.add(range);
  return covered.toSet();
}

/** How many addresses of the set belong to each label; labels without any are missing. */
export function countIn(layers: LabelLayers, set: AddressSet): Map<number, bigint> {
  return countByLabel(labelRanges(pieces(layers, set)), set);
}

/** What has a label of a set: a piece for each layer that covers it. */
function* pieces(layers: LabelLayers, set: AddressSet): Generator<[label: number, range: AddressRange]> {
  const behind = embeddedIn(set);
  for (const { labels, throughNat64: translated } of layers) {
    yield* piecesWithin(labels, set);
    if (!translated) continue;
    for (const [label, range] of piecesWithin(labels, behind)) {
      const way = throughNat64(range);
      if (way !== undefined) yield [label, way];
    }
  }
}
