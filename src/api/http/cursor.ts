import Joi from 'joi';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import { TARGET_SECTIONS } from '../../queries/targetList/sections.ts';
import type { TargetPlace } from '../../queries/targetList/targetList.ts';
import { SUBMISSION } from '../openapi/examples.ts';

/** Cursors are texts of ours that callers only hand back: `<one part>:<number>`, as base64url. */
const MOST_CHARACTERS = 200;
const BAD_CURSOR = 'cursor.base';

export function submissionCursor({ id, atMs }: SubmissionPlace): string {
  return written(id, atMs);
}

export function targetCursor({ section, index }: TargetPlace): string {
  return written(section, index);
}

/** `next` of an answer: the cursor of the page behind it; null: it was the last one. */
export function nextOf<Place>(place: Place | undefined, cursorOf: (place: Place) => string): string | null {
  return place === undefined ? null : cursorOf(place);
}

/** How many a page may have, and has when nobody says it. */
export function pageLimit(what: string, most = 200, usual = 50): Joi.NumberSchema {
  const limit = Joi.number().integer().min(1).max(most).default(usual);
  return limit.description(`${what} on one page`).example(20);
}

export const SUBMISSION_CURSOR = submissionCursor({ id: SUBMISSION, atMs: 1_793_611_800_000 });

/** Reads what {@link submissionCursor} wrote. */
export const submissionCursorSchema = cursorSchema((id, atMs): SubmissionPlace | undefined =>
  /^[\w-]{1,100}$/.test(id) ? { id, atMs } : undefined,
).example(SUBMISSION_CURSOR);

/** Reads what {@link targetCursor} wrote. */
export const targetCursorSchema = cursorSchema((name, index): TargetPlace | undefined => {
  const section = TARGET_SECTIONS.find((one) => one === name);
  return section && { section, index };
});

function written(part: string, number: number): string {
  return Buffer.from(`${part}:${number}`).toString('base64url');
}

function cursorSchema<Place>(placeOf: (part: string, number: number) => Place | undefined): Joi.Schema {
  return Joi.string()
    .max(MOST_CHARACTERS)
    .custom((text: string, helpers) => {
      const [part = '', digits = '', ...more] = Buffer.from(text, 'base64url').toString('utf8').split(':');
      const number = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
      const place =
        more.length === 0 && Number.isSafeInteger(number) && written(part, number) === text
          ? placeOf(part, number)
          : undefined;
      return place ?? helpers.error(BAD_CURSOR);
    })
    .messages({ [BAD_CURSOR]: 'the cursor is none of ours: take `next` of the page before, as it is' })
    .description('`next` of the page before, as it is');
}
