import { expect } from 'vitest';
import { readScanRequest } from '../../src/api/intake.ts';
import { scan } from '../support/tasker.ts';

export const VALID = scan(['9.9.9.9']);
const LIMITS = { maxTargets: 1_000_000 };

export const readRaw = (raw: string | Uint8Array, limits = LIMITS) =>
  readScanRequest(typeof raw === 'string' ? new TextEncoder().encode(raw) : raw, limits);
export const read = (changes: object, limits = LIMITS) =>
  readRaw(JSON.stringify({ ...VALID, ...changes }), limits);

export function accepted(result: ReturnType<typeof readScanRequest>) {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.detail)}`);
  return result.request;
}
export function refused(result: ReturnType<typeof readScanRequest>) {
  if (result.ok) throw new Error(`accepted: ${JSON.stringify(result.request)}`);
  return result;
}
export const only = (result: ReturnType<typeof readScanRequest>) => {
  const { detail } = refused(result);
  expect(detail).toHaveLength(1);
  return detail[0];
};
