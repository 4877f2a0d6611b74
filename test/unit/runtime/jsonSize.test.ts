import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJson } from '../../../src/api/body/jsonBody.ts';
import { tooManyValues } from '../../../src/runtime/jsonSize.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const tooMany = (json: Uint8Array) => tooManyValues(json, { nested: 100_000, values: 5_000_000 });
const many = (item: string, count: number) => `[${Array(count).fill(item).join(',')}]`;

it('lists, objects and values count outside of texts, whatever stands inside', () => {
  const backslashes = fc.array(fc.constantFrom('"', '\\\\', '[', '{', ',', 'a', 'ü'), { maxLength: 30 });
  fc.assert(
    fc.property(backslashes, (characters) => {
      const text = JSON.stringify(characters.join('').repeat(50));
      expect(tooMany(bytes(many(text, 1_000)))).toBeUndefined();
      expect(tooMany(bytes(`[${text},${many('[]', 100_000)}]`))).toContain('100002 lists');
    }),
    { numRuns: 20 },
  );
});

it('a body that would take more memory than it is worth is refused', () => {
  expect(tooMany(bytes(many('{"a":1}', 99_999)))).toBeUndefined();
  expect(parseJson(bytes(many('{}', 100_000)))).toMatchObject({
    ok: false,
    problem: { type: 'too_many_values' },
  });
  expect(parseJson(bytes('['.repeat(100_001)))).toMatchObject({ problem: { type: 'too_many_values' } });
  expect(tooMany(bytes(many('1', 5_000_001)))).toContain('5000001 values');
  expect(tooMany(bytes('"'))).toBeUndefined();
});
