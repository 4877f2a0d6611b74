/**
 * Separate ranges that the rules of a submission may stand for together: those of installation, project and request.
 * A few characters (`*.*.1.1`) stand for 65,536, and whoever compiles rules holds some 30 bytes for each.
 */
export const MOST_RULE_RANGES = 1_000_000;

/** Sums up the ranges of rules before any is made, and remembers the rule that stands for most. */
export class RangeSum {
  total = 0;
  #largest = { entry: '', ranges: 0 };

  /** @param before ranges that count already */
  constructor(before = 0) {
    this.total = before;
  }

  add(entry: string, ranges: number): void {
    this.total += ranges;
    if (ranges > this.#largest.ranges) this.#largest = { entry, ranges };
  }

  /** What is wrong with these rules; undefined: they are not too many. */
  problem(): string | undefined {
    if (this.total <= MOST_RULE_RANGES) return undefined;
    const { entry, ranges } = this.#largest;
    return (
      `the rules come to ${this.total} separate ranges, and ${MOST_RULE_RANGES} are the limit for installation, ` +
      `project and request together; "${entry.slice(0, 100)}" alone stands for ${ranges}: write networks or ranges`
    );
  }
}
