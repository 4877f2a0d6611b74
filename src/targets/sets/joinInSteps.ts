/** Texts between two places where others may have their turn: a few milliseconds. */
const STEP = 8_192;

/** The texts as one, which may be of megabytes; can be interrupted at each `yield`. */
export function* joinInSteps(texts: Iterable<string>, separator: string): Generator<undefined, string> {
  let joined = '';
  let piece: string[] = [];
  for (const text of texts) {
    piece.push(text);
    if (piece.length < STEP) continue;
    joined += `${joined === '' ? '' : separator}${piece.join(separator)}`;
    piece = [];
    yield;
  }
  return piece.length === 0 ? joined : `${joined}${joined === '' ? '' : separator}${piece.join(separator)}`;
}
