import { expect } from 'vitest';
import { type IntakeLimits, readScanRequest } from '../../src/api/intake/intake.ts';
import { scan } from './tasker.ts';

export const VALID = scan(['9.9.9.9']);
const LIMITS: IntakeLimits = { kind: 'scan', maxTargets: 1_000_000, allowSingleLabel: false };

export const readRaw = (raw: string | Uint8Array, limits: Partial<IntakeLimits> = {}) =>
  readScanRequest(typeof raw === 'string' ? new TextEncoder().encode(raw) : raw, { ...LIMITS, ...limits });
export const read = (changes: object, limits: Partial<IntakeLimits> = {}) =>
  readRaw(JSON.stringify({ ...VALID, ...changes }), limits);

export function accepted(result: ReturnType<typeof readScanRequest>) {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.detail)}`);
  if (!('request' in result)) throw new Error('a plan');
  return result.request;
}
/** The kept entries, one line each; see placedEntries.ts. */
export function keptLines(result: ReturnType<typeof readScanRequest>): string[] {
  const text = new TextDecoder().decode(accepted(result).entries);
  return text === '' ? [] : text.split('\n');
}
export function refused(result: ReturnType<typeof readScanRequest>) {
  if (result.ok) throw new Error(`accepted: ${JSON.stringify(result)}`);
  return result;
}
export const only = (result: ReturnType<typeof readScanRequest>) => {
  const { detail } = refused(result);
  expect(detail).toHaveLength(1);
  return detail[0];
};
