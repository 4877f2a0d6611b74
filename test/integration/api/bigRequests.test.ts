import { expect, it } from 'vitest';
import { accepted, read, refused } from '../../support/readRequest.ts';

it('a request of a million entries is taken', () => {
  const hosts = Array.from({ length: 1_000_000 }, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  const request = accepted(read({ hosts }));
  expect(request).toMatchObject({ provided: 1_000_000, duplicatesRemoved: 0 });
  expect(request.entries.length).toBe(hosts.join('\n').length);
});

it('a request with 200,000 unknown fields is refused once, not for each of them', () => {
  const fields = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`x${i}`, i]));
  expect(refused(read(fields)).detail).toHaveLength(1);
});
