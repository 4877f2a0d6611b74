import { readFileSync } from 'node:fs';
import { messageOf } from '../runtime/errors.ts';
import { yesOrNo } from './formats.ts';
import { URLS } from './servers.ts';
import { ROWS, type VariableName } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says, by variable in upper case. */
export interface Typed {
  values: Record<string, string>;
  /** The variable that a value was typed in, where that is another one. */
  sources: Record<string, string>;
  /** One line for each thing that is wrong. */
  faults: string[];
}

/**
 * Names count in upper and in lower case (upper case wins); an empty value is no value. A secret may stand in a file
 * that `NAME_FILE` names. What a URL says becomes values of the variables that say the same one by one.
 */
export function readEnvironment(env: Environment): Typed {
  const typed: Typed = { values: {}, sources: {}, faults: [] };
  for (const [name, row] of Object.entries(ROWS)) {
    const value = settingOf(env, name, row.secret);
    if (value) typed.values[name] = value;
    if (row.secret) readSecretFile(typed, name, settingOf(env, fileVariable(name)));
  }
  for (const [name, { said }] of Object.entries(URLS)) readUrl(typed, name, said);
  return typed;
}

/** The variable with the path of a file that holds the secret `name`. */
function fileVariable(name: string): string {
  return `${name}_FILE`;
}

/** Every name that counts, in upper case. */
export function variableNames(): string[] {
  return Object.entries(ROWS).flatMap(([name, row]) => (row.secret ? [name, fileVariable(name)] : [name]));
}

function settingOf(env: Environment, name: string, asTyped = false): string | undefined {
  const values = [env[name], env[name.toLowerCase()]].map((value) => (asTyped ? value : value?.trim()));
  return values.find(Boolean);
}

function readSecretFile({ values, sources, faults }: Typed, name: string, path: string | undefined): void {
  if (path === undefined) return;
  const variable = fileVariable(name);
  if (values[name] !== undefined) {
    faults.push(`${name} and ${variable} are both set; use one of the two`);
    return;
  }
  try {
    const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    // Without a secret Tasker would make one, or try without: whoever names a file wants neither.
    if (secret === '') throw new Error('it is empty');
    values[name] = secret;
    sources[name] = variable;
  } catch (error) {
    faults.push(
      `${variable} is "${path}": it must be the path of a file with the secret (${messageOf(error)})`,
    );
  }
}

function readUrl(
  { values, sources, faults }: Typed,
  url: string,
  said: (typed: string) => Record<string, string | undefined>,
): void {
  const typed = values[url];
  if (typed === undefined) return;
  let parts: ReturnType<typeof said>;
  try {
    parts = said(typed);
  } catch {
    return; // its own row says what is wrong with it
  }
  for (const [name, value] of Object.entries(parts)) {
    if (value === undefined) continue;
    const other = values[name];
    if (other !== undefined && !meansTheSame(name, other, value))
      faults.push(contradiction(url, name, other, value));
    values[name] = value;
    sources[name] = url;
  }
}

/** `said` is `true` or `false` where the variable may be typed in other words. */
function meansTheSame(name: string, typed: string, said: string): boolean {
  return name.endsWith('_TLS') ? yesOrNo.schema.validate(typed).value === (said === 'true') : typed === said;
}

function contradiction(url: string, name: string, typed: string, said: string): string {
  return isVariable(name) && ROWS[name].secret
    ? `${name} is set, and ${url} has another one (neither is shown); leave one of them out`
    : `${name} is "${typed}", and ${url} says "${said}"; leave one of them out`;
}

function isVariable(name: string): name is VariableName {
  return Object.hasOwn(ROWS, name);
}
