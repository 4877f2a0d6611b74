import type { Address } from '../address/address.ts';
import { behindNat64, embeddedIn, throughNat64 } from '../address/nat64.ts';
import { lowest } from '../entries/hostPattern.ts';
import {
  type AddressRange,
  type AddressSet,
  EMPTY,
  intersect,
  isEmpty,
  subtract,
  union,
} from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import {
  addTo,
  countByLabel,
  eachPiece,
  type LabelledIntervals,
  labelAt,
  labelRanges,
  type TakePiece,
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

/** These layers and one of these ranges, if there are any. */
export function withLayer(
  layers: LabelLayers,
  ranges: Iterable<readonly [label: number, range: AddressRange]>,
  options: Pick<Layer, 'throughNat64'>,
): LabelLayers {
  const labels = labelRanges(ranges);
  return labels.v4.owners.length + labels.v6.owners.length === 0
    ? layers
    : [...layers, { labels, ...options }];
}

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
  return union(...piecesOf(layers, set).map(joined));
}

/** How many addresses of the set belong to each label; labels without any are missing. */
export function countIn(layers: LabelLayers, set: AddressSet): Map<number, bigint> {
  let [covered, twice] = [EMPTY, EMPTY];
  for (const own of piecesOf(layers, set).map(joined)) {
    twice = union(twice, intersect(covered, own));
    covered = union(covered, own);
  }
  // Only what several cover has to be compared, which takes ten times as long as to count.
  const compared: [label: number, range: AddressRange][] = [];
  for (const pieces of piecesOf(layers, twice)) pieces((label, range) => compared.push([label, range]));
  const counts = countByLabel(labelRanges(compared), twice);
  for (const pieces of piecesOf(layers, subtract(set, twice)))
    pieces((label, range) => addTo(counts, label, range));
  return counts;
}

type Pieces = (take: TakePiece) => void;

/** What has a label of a set: the disjoint pieces of each layer, and of its ways through translators. */
function piecesOf(layers: LabelLayers, set: AddressSet): Pieces[] {
  const behind = embeddedIn(set);
  return layers.flatMap(({ labels, throughNat64: translated }): Pieces[] => {
    const ways: Pieces = (take) =>
      eachPiece(labels, behind, (label, range) => {
        const way = throughNat64(range);
        if (way !== undefined) take(label, way);
      });
    return [(take) => eachPiece(labels, set, take), ...(translated && !isEmpty(behind) ? [ways] : [])];
  });
}

function joined(pieces: Pieces): AddressSet {
  const set = new AddressSetBuilder();
  pieces((_, range) => set.add(range));
  return set.toSet();
}
