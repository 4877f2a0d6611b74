import { expect, it } from 'vitest';
import { jobRefOf } from '../../../src/jobs/runner/stage.ts';

it('a job says which submission it is of, and which of its parts it does', () => {
  expect(jobRefOf({ submission: 'a' })).toEqual({ submission: 'a' });
  expect(jobRefOf({ submission: 'a', index: 3, more: true })).toEqual({ submission: 'a', index: 3 });
});

it.each([null, 'a', {}, { submission: 7 }, { submission: 'a', index: '3' }, { submission: 'a', index: 0.5 }])(
  'a job with the data %j is refused',
  (data) => {
    expect(() => jobRefOf(data)).toThrow(Error);
  },
);
