import type { Address } from '../address/address.ts';
import { behindNat64, embeddedIn, nat64Part, translated } from '../address/nat64.ts';
import { lowest } from '../entries/hostPattern.ts';
import {
  type AddressRange,
  type AddressSet,
  EMPTY,
  has,
  intersect,
  isEmpty,
  subtract,
  union,
} from '../sets/addressSet.ts';
import {
  addressesLabelled,
  countByLabel,
  type LabelledIntervals,
  labelAt,
  labelRanges,
  piecesWithin,
} from './labelledIntervals.ts';
import { LabelledList } from './labelledList.ts';

/** What a layer covers, and the lowest label there, of itself and of all layers below it. */
interface Layer {
  labels: LabelledIntervals;
  set: AddressSet;
  /** Whether it covers the ways to its IPv4 addresses through a NAT64 translator, too. */
  throughNat64: boolean;
}

/** What a thread can give to another one. */
export interface LayersData {
  /** The topmost first. */
  readonly layers: readonly Layer[];
  /** Everything that has a label, but for the ways through translators. */
  readonly set: AddressSet;
  /** The part of it that is also covered where a translator stands before it. */
  readonly throughNat64: AddressSet;
}

/**
 * Labelled ranges in layers: a big one that many share, and small ones on top. The lowest label of all layers is the
 * one that counts. As each layer knows what is below it, the topmost one that covers an address decides.
 *
 * The ways through NAT64 translators are worked out when somebody asks: kept beside the others, these ranges would take
 * three times the room of all.
 */
export class LabelLayers {
  static readonly NONE = new LabelLayers({ layers: [], set: EMPTY, throughNat64: EMPTY });

  readonly data: LayersData;

  constructor(data: LayersData) {
    this.data = data;
  }

  /** O(log n). */
  covers(address: Address): boolean {
    const behind = behindNat64(address);
    return has(this.data.set, address) || (behind !== undefined && has(this.data.throughNat64, behind));
  }

  /** O(log n). */
  labelAt(address: Address): number | undefined {
    const behind = behindNat64(address);
    const own = labelIn(this.data.layers, address);
    return behind === undefined ? own : lowest(own, labelIn(this.data.layers.filter(reachesNat64), behind));
  }

  /** What has a label of a set. */
  covered(set: AddressSet): AddressSet {
    const covered = intersect(set, this.data.set);
    const part = nat64Part(set);
    if (isEmpty(part)) return covered;
    const behind = intersect(embeddedIn(part), this.data.throughNat64);
    return union(covered, translated(behind));
  }

  /**
   * These layers and one more, with these ranges by their label. Costs what the ranges touch.
   *
   * @param more by ascending label, if there are many
   */
  withLayer(
    more: Iterable<readonly [label: number, ranges: readonly AddressRange[]]>,
    { throughNat64, expected }: { throughNat64: boolean; expected?: number },
  ): LabelLayers {
    const list = new LabelledList(expected);
    for (const [label, ranges] of more) for (const range of ranges) list.add(label, range);
    const own = list.length;
    const labels = labelRanges(list);
    const set = addressesLabelled(labels);
    addPieces(list, this.data.layers, set, (range) => range);
    const all = list.length === own ? labels : labelRanges(list);
    const layers = [{ labels: all, set, throughNat64 }, ...this.data.layers];
    const covered = union(this.data.set, set);
    return new LabelLayers({
      layers,
      set: covered,
      throughNat64: throughNat64 ? covered : this.data.throughNat64,
    });
  }

  /** How many addresses of the set belong to each label; labels without any are missing. */
  countByLabel(set: AddressSet): Map<number, bigint> {
    const counts = new Map<number, bigint>();
    const part = nat64Part(set);
    if (!isEmpty(part)) this.#countThroughNat64(part, counts);
    let open = subtract(set, part);
    for (const { labels, set: covered } of this.data.layers) {
      addTo(counts, countByLabel(labels, intersect(open, covered)));
      open = subtract(open, covered);
    }
    return counts;
  }

  /** Both what covers these addresses and what covers those behind the translator, as the latter. */
  #countThroughNat64(part: AddressSet, counts: Map<number, bigint>): void {
    const behind = embeddedIn(part);
    const list = new LabelledList();
    addPieces(list, this.data.layers.filter(reachesNat64), behind, (range) => range);
    addPieces(list, this.data.layers, part, ({ start, end }) => {
      const first = behindNat64(start) ?? 0;
      return { start: first, end: first + Number(BigInt(end) - BigInt(start)) };
    });
    addTo(counts, countByLabel(labelRanges(list), behind));
  }
}

function reachesNat64({ throughNat64 }: Layer): boolean {
  return throughNat64;
}

function labelIn(layers: readonly Layer[], address: Address): number | undefined {
  for (const { labels } of layers) {
    const label = labelAt(labels, address);
    if (label !== undefined) return label;
  }
  return undefined;
}

/** Adds what has a label of a set, each piece with the label that counts there. */
function addPieces(
  list: LabelledList,
  layers: readonly Layer[],
  set: AddressSet,
  place: (range: AddressRange) => AddressRange,
): void {
  let open = set;
  for (const { labels, set: below } of layers) {
    for (const [label, range] of piecesWithin(labels, intersect(open, below))) {
      list.add(label, place(range));
    }
    open = subtract(open, below);
  }
}

function addTo(counts: Map<number, bigint>, more: ReadonlyMap<number, bigint>): void {
  for (const [label, size] of more) counts.set(label, (counts.get(label) ?? 0n) + size);
}
