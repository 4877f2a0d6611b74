/**
 * Numbers and booleans as the system before accepted them: falcli's users have YAML files with `"60"`, `60.0`, `yes`.
 * Anything else is refused with the name of the rule it broke.
 */

export type Coerced<T> = { ok: true; value: T } | { ok: false; rule: CoercionRule };
type CoercionRule = 'int_type' | 'int_parsing' | 'int_from_float' | 'bool_type' | 'bool_parsing';

const INTEGER_TEXT = /^\s*([+-]?\d+(?:_\d+)*)(?:\.0*)?\s*$/;
const TRUE_TEXTS = new Set(['1', 'true', 't', 'yes', 'y', 'on']);
const FALSE_TEXTS = new Set(['0', 'false', 'f', 'no', 'n', 'off']);

/** `60`, `60.0`, `"60"`, `"60.0"`, `" +60 "`, and true and false as 1 and 0. */
export function coerceInteger(given: unknown): Coerced<number> {
  if (typeof given === 'boolean') return { ok: true, value: Number(given) };
  if (typeof given === 'number')
    return Number.isInteger(given) ? { ok: true, value: given } : { ok: false, rule: 'int_from_float' };
  if (typeof given !== 'string') return { ok: false, rule: 'int_type' };
  const digits = INTEGER_TEXT.exec(given)?.[1];
  return digits === undefined
    ? { ok: false, rule: 'int_parsing' }
    : { ok: true, value: Number(digits.replaceAll('_', '')) };
}

/** `true`, 1, 1.0 and the words of {@link TRUE_TEXTS} in any case; the same for false. */
export function coerceBoolean(given: unknown): Coerced<boolean> {
  if (typeof given === 'boolean') return { ok: true, value: given };
  if (typeof given !== 'string' && typeof given !== 'number') return { ok: false, rule: 'bool_type' };
  const text = String(given).toLowerCase();
  if (TRUE_TEXTS.has(text)) return { ok: true, value: true };
  if (FALSE_TEXTS.has(text)) return { ok: true, value: false };
  return { ok: false, rule: 'bool_parsing' };
}
