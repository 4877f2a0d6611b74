import { ERROR_CODES, errorRow } from '../../src/api/http/errorCodes.ts';

const CAMEL_CASE = /[a-z0-9][A-Z]/;

/** The paths of all fields that are not in snake_case, in whatever a JSON text can hold. */
export function camelCaseFields(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const at = Array.isArray(value) ? `${path}[]` : `${path}.${key}`;
    return [...(CAMEL_CASE.test(key) ? [at] : []), ...camelCaseFields(child, at)];
  });
}

/** What is wrong with an answer, whichever it is; undefined: nothing. */
export function brokenRule(status: number, body: unknown): string | undefined {
  const fields = camelCaseFields(body);
  if (fields.length > 0) return `fields are not in snake_case: ${[...new Set(fields)].join(', ')}`;
  if (status < 400) return undefined;
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
  if (!isCode(code)) return `the table has no code ${code}`;
  if (errorRow(code).status !== status) return `${code} has another status in the table`;
  if (typeof detail === 'string' ? detail === '' || status === 422 : !Array.isArray(detail) || status !== 422)
    return 'detail is a text, and with 422 a list';
  return undefined;
}

function isCode(code: unknown): code is keyof typeof ERROR_CODES {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** Bull Board answers below /board in its own words, and the OpenAPI document has words of OpenAPI. */
const FOREIGN = /^\/(board|openapi\.json)/;

/** Holds every JSON answer that a test gets to the rules. */
export function expectRules(path: string, status: number, type: string | null, body: unknown): void {
  if (FOREIGN.test(path) || !type?.startsWith('application/json')) return;
  const broken = brokenRule(status, body);
  if (broken !== undefined) throw new Error(`${path} answers ${status}: ${broken}: ${JSON.stringify(body)}`);
}
