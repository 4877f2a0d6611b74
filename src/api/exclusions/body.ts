import Joi from 'joi';
import type { Exclusion } from '../../adapters/scopeRules/exclusion.ts';
import { type EntryOptions, KEPT } from '../../targets/entries/entry.ts';
import { splitEntries } from '../../targets/entries/splitEntries.ts';
import { parseRuleEntry, rangesOfRule } from '../../targets/scope/rules.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';
import { parseJson } from '../body/jsonBody.ts';
import {
  problemOf,
  type ValidationError,
  ValidationErrors,
  withSuggestion,
} from '../http/validationErrors.ts';
import { readUntil } from './until.ts';

const FINISHES = { running: 'finish' } as const;
const BAD_UNTIL = 'value_error';

const why = Joi.string()
  .max(500)
  .pattern(/^[^\p{Cc}]+$/u, 'a text of one line')
  .description('Whoever reads the list later wants to know')
  .example('out of scope by contract, annex B');
const until = Joi.string()
  .custom((typed: string, helpers) => {
    const read = readUntil(typed);
    return read.ok ? read.until : helpers.error(BAD_UNTIL, { problem: read.problem });
  })
  .messages({ [BAD_UNTIL]: '{{#problem}}' })
  .allow(null)
  .description(
    'A day, which counts to its end in UTC, or ISO 8601 with a zone; in the future. From then on the exclusion no longer counts',
  )
  .example('2027-01-31T23:59:59Z');
const locked = Joi.boolean()
  .description('`true`: only an admin ends or changes it, whoever made it')
  .example(true);
export const running = () =>
  Joi.string()
    .valid('finish', 'kill')
    .description('What becomes of the tasks that workers have in hand: they end by themselves, or are ended')
    .example('kill');
const entries = Joi.string()
  .description(
    'In any notation of `hosts`, or `*.domain`; several separated by commas or line ends, not by blanks, with `#` comments',
  )
  .example('203.0.113.0/28');

/** The body of PUT and POST. */
export const exclusionsSchema = Joi.object<{
  hosts: (string | { entry: string; why?: string; until?: string | null; locked?: boolean })[];
  why?: string;
  until?: string | null;
  locked?: boolean;
  running?: 'finish' | 'kill';
}>({
  hosts: Joi.array()
    .items(
      // Alternatives say what is wrong inside of the one that fits; a list of items only that none does.
      Joi.alternatives(
        entries,
        Joi.object({ entry: entries.required(), why, until, locked })
          .messages(known('entry, why, until and locked'))
          .meta({ className: 'NewExclusion' }),
      ),
    )
    .required(),
  why: why.description('For all entries without a reason of their own'),
  until: until.description('For all entries without a time of their own'),
  locked: locked.description('For all entries that do not say it themselves'),
  running: running().default('kill'),
})
  .messages(known('hosts, why, until, locked and running'))
  .meta({ className: 'NewExclusions' });

/** The body of DELETE. */
export const removedExclusionsSchema = Joi.object<{ hosts: string[] }>({
  hosts: Joi.array().items(entries).min(1).required(),
})
  .messages(known('hosts'))
  .meta({ className: 'RemovedExclusions' });

/** Every other field is refused: one that is passed over could be the end of an exclusion, or its reason. */
function known(fields: string): Record<string, string> {
  return { 'object.unknown': `not known here; the fields are ${fields}` };
}

/** `problems` may have come from another thread. */
type Read<T> = { ok: true; value: T } | { ok: false; errors: Pick<ValidationErrors, 'listed' | 'total'> };

/** What is to be excluded, by normal form; of two spellings of one entry the later counts. */
export function readExclusions(
  bytes: Uint8Array,
  by: Exclusion['by'],
  now: Date,
  options: EntryOptions,
): Read<Map<string, Exclusion>> {
  const body = validBody(bytes, exclusionsSchema);
  if (!body.ok) return body;
  const errors = new ValidationErrors();
  const exclusions = new Map<string, Exclusion>();
  const sum = new RangeSum();
  const finishes = body.value.running === 'finish';
  for (const [index, item] of body.value.hosts.entries()) {
    const own = typeof item === 'string' ? { entry: item } : item;
    const reason = own.why ?? body.value.why;
    const end = own.until === undefined ? (body.value.until ?? null) : own.until;
    const isLocked = own.locked ?? body.value.locked ?? false;
    const loc = ['body', 'hosts', index];
    if (reason === undefined)
      errors.add({ type: 'missing', loc: ['body', 'why'], msg: 'a reason is required', input: null });
    if (end !== null && Date.parse(end) <= now.getTime())
      errors.add({ type: 'value_error', loc: [...loc, 'until'], msg: 'it is not in the future', input: end });
    for (const { normal, entry, ranges } of readEntries(own.entry, loc, errors, options)) {
      if (!exclusions.has(normal)) sum.add(entry, ranges);
      const made = { entry, by, at: now.toISOString(), why: reason ?? '', until: end };
      exclusions.set(normal, { ...made, ...(isLocked && { locked: true }), ...(finishes && FINISHES) });
    }
  }
  addTooMany(sum, ['body', 'hosts'], errors);
  return errors.total > 0 ? { ok: false, errors } : { ok: true, value: exclusions };
}

/** What is no longer to be excluded: normal form -> as typed. Whatever was accepted once can be removed. */
export function readRemoved(bytes: Uint8Array): Read<Map<string, string>> {
  const body = validBody(bytes, removedExclusionsSchema);
  if (!body.ok) return body;
  const errors = new ValidationErrors();
  const removed = new Map<string, string>();
  for (const [index, item] of body.value.hosts.entries()) {
    for (const { normal, entry } of readEntries(item, ['body', 'hosts', index], errors, KEPT))
      removed.set(normal, entry);
  }
  return errors.total > 0 ? { ok: false, errors } : { ok: true, value: removed };
}

function validBody<T>(bytes: Uint8Array, schema: Joi.ObjectSchema<T>): Read<T> {
  const errors = new ValidationErrors();
  const parsed = parseJson(bytes);
  if (!parsed.ok) errors.add(parsed.problem);
  else {
    const { value, error } = schema.required().validate(parsed.value, { abortEarly: false, convert: false });
    if (error === undefined) return { ok: true, value };
    for (const item of error.details) errors.add(problemOf(item));
  }
  return { ok: false, errors };
}

export function addTooMany(sum: RangeSum, loc: ValidationError['loc'], errors: ValidationErrors): void {
  const msg = sum.problem();
  if (msg !== undefined) errors.add({ type: 'too_many_ranges', loc, msg, input: null });
}

/** The entries of one string, read as rules and cut as `list` says; each bad one goes to `problems`. */
export function* readEntries(
  typed: string,
  loc: ValidationError['loc'],
  errors: ValidationErrors,
  options: EntryOptions,
  list: 'rules' | 'targets' = 'rules',
): Generator<{ normal: string; entry: string; ranges: number }> {
  let found = false;
  for (const { text, line, column } of splitEntries(typed, list)) {
    found = true;
    const parsed = parseRuleEntry(text, options);
    if (parsed.ok) {
      yield { normal: parsed.rule.normal, entry: text, ranges: rangesOfRule(parsed) };
      continue;
    }
    const place = text === typed ? {} : { line, column };
    errors.add({ type: 'value_error', loc, msg: withSuggestion(parsed), input: text, ...place });
  }
  if (!found) errors.add({ type: 'value_error', loc, msg: 'it holds no entry', input: typed });
}
