/** From here on a number can only be milliseconds: as seconds it would be the year 5138. */
const FIRST_MS = 100_000_000_000;

/**
 * A moment as a worker wrote it, in whole epoch seconds: an integer, a float, milliseconds, the same as text, or
 * ISO 8601, without a zone in UTC. 0 when it is none of them. Clients accept nothing but an integer.
 */
export function epochSeconds(written: unknown): number {
  const number = typeof written === 'string' ? numberIn(written.trim()) : written;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return 0;
  const seconds = Math.floor(number < FIRST_MS ? number : number / 1_000);
  return seconds < FIRST_MS ? seconds : 0;
}

/** NaN when the text says no moment. */
function numberIn(text: string): number {
  if (/^[\d.]+$/.test(text)) return Number(text);
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  return Date.parse(zoned ? text : `${text}Z`) / 1_000;
}
