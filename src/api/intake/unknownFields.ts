/** Fields of a request that nobody reads. One that could have been meant to narrow the scan must not be passed over. */
import type { Warning } from '../../model/submission.ts';
import type { ValidationError, ValidationErrors } from '../http/validationErrors.ts';
import { OBJECTS, resemblance } from './resemblance.ts';

/** Beyond so many nobody would read their names: the body is something else. */
const MOST_UNKNOWN = 200;
const NAME_CHARACTERS = 100;

interface UnknownField {
  loc: string[];
  value: unknown;
  /** What to write instead, where that is clear. */
  hint?: string;
  narrowing: boolean;
}

/** Those that resemble a field which narrows the scan go to `problems`; the others become warnings. */
export function checkUnknownFields(body: object, errors: ValidationErrors): Warning[] {
  const fields = [...unknownFields(body)];
  if (fields.length > MOST_UNKNOWN) {
    const msg = `more than ${MOST_UNKNOWN} fields are not known here, beginning with ${nameOf(fields[0]?.loc ?? [])}`;
    errors.add({ type: 'extra_forbidden', loc: ['body'], msg, input: null });
    return [];
  }
  for (const field of fields) if (field.narrowing) errors.add(problemWith(field));
  return fields
    .filter(({ narrowing }) => !narrowing)
    .map(({ loc, hint }) => {
      const message = `${nameOf(loc)} is not known and ignored${hint === undefined ? '' : `; ${hint}`}`;
      return { code: 'unknown_field', message, loc };
    });
}

/** The parameters behind the `?`, where none is read: those that could have been meant to narrow the scan. */
export function strayParameters(names: Iterable<string>): ValidationError[] {
  return [...names]
    .slice(0, MOST_UNKNOWN)
    .map((name) => unknownField([shortened(name)], undefined, ['query']))
    .filter(({ narrowing }) => narrowing)
    .map(problemWith);
}

function problemWith({ loc, value = null, hint }: UnknownField): ValidationError {
  const msg = `${nameOf(loc)} is not known here, and could have been meant to narrow the scan; ${hint}`;
  return { type: 'extra_forbidden', loc, msg, input: value };
}

/** At most one more than {@link MOST_UNKNOWN}. */
function* unknownFields(body: object): Generator<UnknownField> {
  let count = 0;
  for (const [path, known] of OBJECTS) {
    const object = path.reduce<unknown>(member, body);
    if (typeof object !== 'object' || object === null || Array.isArray(object)) continue;
    for (const name of Object.keys(object)) {
      if (known.has(name)) continue;
      yield unknownField([...path, shortened(name)], member(object, name));
      if (++count > MOST_UNKNOWN) return;
    }
  }
}

function unknownField(path: string[], value: unknown, place = ['body']): UnknownField {
  const nested = path.length > 1;
  return { loc: [...place, ...path], value, narrowing: false, ...resemblance(path.at(-1) ?? '', nested) };
}

function member(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, name)
    ? Reflect.get(object, name)
    : undefined;
}

function shortened(name: string): string {
  return name.slice(0, NAME_CHARACTERS);
}

function nameOf(loc: readonly string[]): string {
  return loc.slice(1).join('.');
}
