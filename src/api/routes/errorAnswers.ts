import { errorSchema } from '../answerSchemas.ts';

/** Answers that several routes give. */

export const BODY_ERRORS = {
  400: errorAnswer('The body cannot be read', 'The body cannot be read: request aborted'),
  413: errorAnswer(
    'The body is too large',
    'The body is larger than the limit of 4194304 bytes (a list of exclusions)',
  ),
  415: errorAnswer('Unknown content encoding', 'The body cannot be read: unsupported content encoding'),
};

export const SCAN_BODY_ERRORS = {
  ...BODY_ERRORS,
  413: errorAnswer('The body is too large', 'The body is larger than the limit of 33554432 bytes (MAX_BODY)'),
};

function errorAnswer(description: string, detail: string) {
  return { description, schema: errorSchema, example: { detail } };
}
