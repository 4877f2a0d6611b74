import type { Address } from './address.ts';
import {
  type AddressRange,
  type AddressSet,
  EMPTY,
  fromRanges,
  intersectInSteps,
  subtractInSteps,
  unionInSteps,
} from './addressSet.ts';
import {
  countByLabel,
  type LabelledRanges,
  labelAt,
  labelRangesInSteps,
  piecesWithin,
} from './labelledRanges.ts';

/** What a layer covers, and the lowest label there, of itself and of all layers below it. */
interface Layer {
  labels: LabelledRanges;
  set: AddressSet;
}

/**
 * Labelled ranges in layers: a big one that many share, and small ones on top. The lowest label of all layers is the
 * one that counts. As each layer knows what is below it, the topmost one that covers an address decides.
 */
export class LabelLayers {
  static readonly NONE = new LabelLayers([], EMPTY);

  /** The topmost first. */
  readonly #layers: readonly Layer[];
  /** Everything that has a label. */
  readonly covered: AddressSet;

  private constructor(layers: readonly Layer[], covered: AddressSet) {
    this.#layers = layers;
    this.covered = covered;
  }

  /** O(log n). */
  labelAt(address: Address): number | undefined {
    for (const { labels } of this.#layers) {
      const label = labelAt(labels, address);
      if (label !== undefined) return label;
    }
    return undefined;
  }

  /** These layers and one more, with these ranges by their label. Costs what the ranges touch. In steps. */
  *withLayer(more: ReadonlyMap<number, readonly AddressRange[]>): Generator<undefined, LabelLayers> {
    const set = fromRanges([...more.values()].flat());
    const pieces: [number, readonly AddressRange[]][] = [...more];
    let open = set;
    for (const { labels, set: below } of this.#layers) {
      for (const [label, range] of piecesWithin(labels, yield* intersectInSteps(open, below)))
        pieces.push([label, [range]]);
      open = yield* subtractInSteps(open, below);
    }
    yield;
    pieces.sort(([a], [b]) => a - b);
    yield;
    const labels = yield* labelRangesInSteps(pieces);
    return new LabelLayers([{ labels, set }, ...this.#layers], yield* unionInSteps(this.covered, set));
  }

  /** How many addresses of the set belong to each label; labels without any are missing. In steps. */
  *countByLabel(set: AddressSet): Generator<undefined, Map<number, bigint>> {
    const counts = new Map<number, bigint>();
    let open = set;
    for (const { labels, set: covered } of this.#layers) {
      for (const [label, size] of yield* countByLabel(labels, yield* intersectInSteps(open, covered)))
        counts.set(label, (counts.get(label) ?? 0n) + size);
      open = yield* subtractInSteps(open, covered);
    }
    return counts;
  }
}
