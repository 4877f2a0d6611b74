import type { ValidationErrorItem } from 'joi';

/** One thing wrong with a request, in the shape that callers of the system before know. */
export interface ValidationError {
  /** What kind, in pydantic's words: `missing`, `string_type`, `value_error`, ... */
  type: string;
  /** Where: `["body", "hosts", 3]`. */
  loc: (string | number)[];
  msg: string;
  /** What was sent there, shortened. */
  input: unknown;
  /** Of an entry that is a part of its item: both from 1. */
  line?: number;
  column?: number;
}

/** Problems that one answer lists. The others are counted. */
const PROBLEMS_LISTED = 1_000;
const INPUT_CHARACTERS = 100;

/** Collects problems; keeps the first {@link PROBLEMS_LISTED} and counts all of them. */
export class ValidationErrors {
  readonly listed: ValidationError[] = [];
  total = 0;
  readonly #shown: (input: unknown) => unknown;

  /** @param asShown how what was sent is kept: shortened, unless somebody has to read it once more */
  constructor(asShown: (input: unknown) => unknown = shown) {
    this.#shown = asShown;
  }

  add(problem: ValidationError): void {
    this.total += 1;
    if (this.listed.length < PROBLEMS_LISTED)
      this.listed.push({ ...problem, input: this.#shown(problem.input) });
  }
}

/** A value short enough to be sent back: texts are cut, lists and objects only named. */
export function shown(input: unknown): unknown {
  if (typeof input === 'string') return input.slice(0, INPUT_CHARACTERS);
  if (Array.isArray(input)) return `[list of ${input.length}]`;
  return typeof input === 'object' && input !== null ? '{object}' : input;
}

/** What is wrong with an entry, and what was meant where that is clear. */
export function withSuggestion({ problem, suggestion }: { problem: string; suggestion?: string }): string {
  return suggestion === undefined ? problem : `${problem}; did you mean ${suggestion}?`;
}

const PYDANTIC_TYPES: Readonly<Record<string, string>> = {
  'any.required': 'missing',
  'any.only': 'enum',
  'string.base': 'string_type',
  'array.base': 'list_type',
  'object.base': 'model_attributes_type',
};

/** What Joi found, in our shape; `place` is the part of the request that it looked at. */
export function problemOf(
  { type, path, message, context }: ValidationErrorItem,
  place: 'body' | 'query' = 'body',
): ValidationError {
  return {
    type: PYDANTIC_TYPES[type] ?? type,
    loc: [place, ...path],
    msg: message,
    input: context?.value ?? null,
  };
}
