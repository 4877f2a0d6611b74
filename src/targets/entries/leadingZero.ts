const PADDED = /(?<!\d)0\d+/;

/** What is wrong with a text, and how it was meant if that is clear. Both are clauses for people. */
export interface BadText {
  problem: string;
  suggestion?: string;
  /** The suggestion is a sentence with two readings, no text to be taken as it is. */
  inWords?: true;
  /** The suggestion is shown as it is, if it can be read, not in its normal form. */
  asWritten?: true;
  /** In place of a suggestion: what may be separate entries. */
  list?: readonly string[];
}

/**
 * What to say of numbers with leading zeros, in any notation of addresses; undefined when there are none. Suggests
 * the one reading, or both in words: an address that is guessed wrong scans somebody else.
 *
 * @param normalOf reads a text strictly and gives its canonical form, or nothing
 */
export function describeLeadingZero(
  text: string,
  normalOf: (text: string) => string | undefined,
): BadText | undefined {
  const culprit = PADDED.exec(text)?.[0];
  if (culprit === undefined) return undefined;
  const problem = `octet ${clipped(culprit)} has a leading zero, which some programs read as octal`;
  const decimal = normalOf(text.replace(/(?<!\d)0+(?=\d)/g, ''));
  const octal = normalOf(text.replace(/(?<!\d)0\d+/g, octalReading));
  if (decimal !== undefined && octal !== undefined && decimal !== octal)
    return {
      problem,
      suggestion: `${decimal} (if decimal was meant) or ${octal} (if octal was meant)`,
      inWords: true,
    };
  const meant = decimal ?? octal;
  return meant === undefined ? { problem } : { problem, suggestion: meant };
}

/** What is no octal number either has no octal reading: no notation accepts the `x`. */
function octalReading(digits: string): string {
  return /^[0-7]+$/.test(digits) ? String(Number.parseInt(digits, 8)) : 'x';
}

export function clipped(text: string): string {
  return text.length > 10 ? `${text.slice(0, 10)}…` : text;
}
