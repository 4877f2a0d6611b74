import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  submissionCursor,
  submissionCursorSchema,
  targetCursor,
  targetCursorSchema,
} from '../../../src/api/http/cursor.ts';
import { TARGET_SECTIONS } from '../../../src/queries/targetList/sections.ts';

describe('cursors', () => {
  it('lead back to their place', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.maxSafeNat(), fc.constantFrom(...TARGET_SECTIONS), (id, number, section) => {
        const submission = submissionCursor({ id, atMs: number });
        expect(submission).toMatch(/^[\w-]+$/);
        expect(submissionCursorSchema.validate(submission).value).toEqual({ id, atMs: number });
        const target = targetCursor({ section, index: number });
        expect(targetCursorSchema.validate(target).value).toEqual({ section, index: number });
      }),
    );
  });

  it('are refused when they are none of ours', () => {
    const made = (text: string) => Buffer.from(text).toString('base64url');
    for (const text of [
      'x',
      '!',
      made('accepted'),
      made('accepted:-1'),
      made('accepted:1e3'),
      made('cake:1'),
    ])
      expect(targetCursorSchema.validate(text).error?.message, text).toMatch(/take `next`/);
    for (const text of ['', made('a b:1'), made('a:1:2'), made(`a:${'9'.repeat(17)}`), `${made('a:1')}=`])
      expect(submissionCursorSchema.validate(text).error, text).toBeDefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { value, error } = targetCursorSchema.validate(text);
        if (error === undefined) expect(targetCursor(value)).toBe(text);
      }),
    );
  });
});
