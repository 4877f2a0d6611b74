import type { Address } from '../address/address.ts';
import { behindNat64, embeddedIn, nat64Part, translatedInSteps } from '../address/nat64.ts';
import { lowest } from '../entries/hostPattern.ts';
import {
  type AddressRange,
  type AddressSet,
  EMPTY,
  has,
  intersectInSteps,
  isEmpty,
  subtractInSteps,
  unionInSteps,
} from '../sets/addressSet.ts';
import {
  addressesLabelledInSteps,
  countByLabel,
  type LabelledIntervals,
  labelAt,
  labelRangesInSteps,
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

/** Pieces looked at between two places where others may have their turn. */
const STEP = 4_096;

/**
 * Labelled ranges in layers: a big one that many share, and small ones on top. The lowest label of all layers is the
 * one that counts. As each layer knows what is below it, the topmost one that covers an address decides.
 *
 * The ways through NAT64 translators are worked out when somebody asks: kept beside the others, these ranges would take
 * three times the room of all.
 */
export class LabelLayers {
  static readonly NONE = new LabelLayers([], EMPTY, EMPTY);

  /** The topmost first. */
  readonly #layers: readonly Layer[];
  /** Everything that has a label, but for the ways through translators. */
  readonly #set: AddressSet;
  /** The part of it that is also covered where a translator stands before it. */
  readonly #throughNat64: AddressSet;

  private constructor(layers: readonly Layer[], set: AddressSet, throughNat64: AddressSet) {
    this.#layers = layers;
    this.#set = set;
    this.#throughNat64 = throughNat64;
  }

  /** O(log n). */
  covers(address: Address): boolean {
    const behind = behindNat64(address);
    return has(this.#set, address) || (behind !== undefined && has(this.#throughNat64, behind));
  }

  /** O(log n). */
  labelAt(address: Address): number | undefined {
    const behind = behindNat64(address);
    const own = labelIn(this.#layers, address);
    return behind === undefined ? own : lowest(own, labelIn(this.#layers.filter(reachesNat64), behind));
  }

  /** What has a label of a set. In steps. */
  *coveredInSteps(set: AddressSet): Generator<undefined, AddressSet> {
    const covered = yield* intersectInSteps(set, this.#set);
    const part = yield* nat64Part(set);
    if (isEmpty(part)) return covered;
    const behind = yield* intersectInSteps(yield* embeddedIn(part), this.#throughNat64);
    return yield* unionInSteps(covered, yield* translatedInSteps(behind));
  }

  /**
   * These layers and one more, with these ranges by their label. Costs what the ranges touch. In steps.
   *
   * @param more by ascending label, if there are many
   */
  *withLayer(
    more: Iterable<readonly [label: number, ranges: readonly AddressRange[]]>,
    { throughNat64 }: { throughNat64: boolean },
  ): Generator<undefined, LabelLayers> {
    const list = new LabelledList();
    let seen = 0;
    for (const [label, ranges] of more)
      for (const range of ranges) {
        list.add(label, range);
        if (++seen % STEP === 0) yield;
      }
    const own = list.length;
    const labels = yield* labelRangesInSteps(list);
    const set = yield* addressesLabelledInSteps(labels);
    yield* addPieces(list, this.#layers, set, (range) => range);
    const all = list.length === own ? labels : yield* labelRangesInSteps(list);
    const layers = [{ labels: all, set, throughNat64 }, ...this.#layers];
    const covered = yield* unionInSteps(this.#set, set);
    return new LabelLayers(layers, covered, throughNat64 ? covered : this.#throughNat64);
  }

  /** How many addresses of the set belong to each label; labels without any are missing. In steps. */
  *countByLabel(set: AddressSet): Generator<undefined, Map<number, bigint>> {
    const counts = new Map<number, bigint>();
    const part = yield* nat64Part(set);
    if (!isEmpty(part)) yield* this.#countThroughNat64(part, counts);
    let open = yield* subtractInSteps(set, part);
    for (const { labels, set: covered } of this.#layers) {
      addTo(counts, yield* countByLabel(labels, yield* intersectInSteps(open, covered)));
      open = yield* subtractInSteps(open, covered);
    }
    return counts;
  }

  /** Both what covers these addresses and what covers those behind the translator, as the latter. */
  *#countThroughNat64(part: AddressSet, counts: Map<number, bigint>): Generator<undefined, void> {
    const behind = yield* embeddedIn(part);
    const list = new LabelledList();
    yield* addPieces(list, this.#layers.filter(reachesNat64), behind, (range) => range);
    yield* addPieces(list, this.#layers, part, ({ start, end }) => {
      const first = behindNat64(start) ?? 0;
      return { start: first, end: first + Number(BigInt(end) - BigInt(start)) };
    });
    addTo(counts, yield* countByLabel(yield* labelRangesInSteps(list), behind));
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
function* addPieces(
  list: LabelledList,
  layers: readonly Layer[],
  set: AddressSet,
  place: (range: AddressRange) => AddressRange,
): Generator<undefined, void> {
  let open = set;
  for (const { labels, set: below } of layers) {
    for (const [label, range] of piecesWithin(labels, yield* intersectInSteps(open, below))) {
      list.add(label, place(range));
      if (list.length % STEP === 0) yield;
    }
    open = yield* subtractInSteps(open, below);
  }
}

function addTo(counts: Map<number, bigint>, more: ReadonlyMap<number, bigint>): void {
  for (const [label, size] of more) counts.set(label, (counts.get(label) ?? 0n) + size);
}
