export interface JsonLimits {
  /** Lists and objects. */
  nested: number;
  values: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LIST = 0x5b;
const OBJECT = 0x7b;

/**
 * Why a JSON text would become too big to be read, if so: an empty list takes two characters, and forty times as much
 * memory. Counts what stands outside of texts.
 */
export function tooManyValues(json: Uint8Array, most: JsonLimits): string | undefined {
  let nested = 0;
  let values = 1;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfText(json, at);
    else if (byte === COMMA) values += 1;
    else if (byte === LIST || byte === OBJECT) nested += 1;
  }
  if (nested > most.nested) return `${nested} lists and objects; the limit is ${most.nested}`;
  return values > most.values ? `${values} values; the limit is ${most.values}` : undefined;
}

/** Where the text that begins at `start` ends: at its closing quote, or at the end of all. */
function endOfText(json: Uint8Array, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end !== -1; end = json.indexOf(QUOTE, end + 1))
    if (!isEscaped(json, end)) return end;
  return json.length;
}

function isEscaped(json: Uint8Array, at: number): boolean {
  let slashes = 0;
  while (json[at - 1 - slashes] === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}
