import { expect, it } from 'vitest';
import { readProjectId } from '../../../src/api/auth/projectId.ts';

const ID = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
const BARE = ID.replaceAll('-', '');

it.each([
  ID,
  ID.toUpperCase(),
  BARE,
  BARE.toUpperCase(),
  `{${ID}}`,
  `{${BARE}}`,
  `urn:uuid:${ID}`,
  `URN:UUID:${ID}`,
])('the project id %s is read', (typed) => {
  expect(readProjectId(typed)).toBe(ID);
});

it.each([
  '',
  'xyz',
  BARE.slice(1),
  `${BARE}0`,
  `${ID}-`,
  `{${ID}`,
  `${ID}}`,
  `urn:${ID}`,
  ` ${ID}`,
  ID.replace('6', 'g'),
  `6f1b-${BARE.slice(4)}`,
])('the project id %j is refused', (typed) => {
  expect(readProjectId(typed)).toBeUndefined();
});
