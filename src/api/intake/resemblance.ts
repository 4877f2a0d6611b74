/** What somebody may have meant by a field that is not known. */
import { editDistance } from './editDistance.ts';
import { scanRequestSchema } from './scanRequestSchema.ts';

/** Part of what Joi says about a schema. */
interface Described {
  keys?: Record<string, Described>;
}

/** Each object of the body, and the fields that it may have. */
function* objectsIn(
  { keys }: Described,
  path: string[] = [],
): Generator<[path: string[], known: Set<string>]> {
  if (keys === undefined) return;
  yield [path, new Set(Object.keys(keys))];
  for (const [name, child] of Object.entries(keys)) yield* objectsIn(child, [...path, name]);
}

/** All objects of a scan request. */
export const OBJECTS = [...objectsIn(scanRequestSchema.describe() as Described)];

/** What decides which hosts and ports are scanned, how, and how fast. */
const NARROWING: ReadonlySet<string> = new Set([
  'exclude',
  'on_invalid',
  'allow_unresolved_exclusions',
  'ip_version',
  'single_resolve',
  'ports',
  'top_ports',
  'transport_protocol',
  'max_rate',
]);

const EXCLUSION =
  /^(?:exclu|exempt|except|skip|ignor|omit|avoid|deny|denied|block|black|forbid)|^(?:without|never|not)$/;
const PORT = /^port(?:s|list|range|ranges)?$/;
/** Other words for the same, by what they are about; the first that fits counts. */
const SYNONYMS: readonly [words: readonly RegExp[], hint: string][] = [
  [[EXCLUSION, PORT], 'no field leaves ports out: write open_ports_opts.ports without them'],
  [[/^(?:invalid|unreadable)$/], 'did you mean on_invalid?'],
  [[EXCLUSION], 'did you mean exclude?'],
  [[PORT], 'did you mean open_ports_opts.ports?'],
  [[/^(?:proto|protocols?|transports?|udp|tcp)$/], 'did you mean open_ports_opts.transport_protocol?'],
  [[/^(?:ipv[46]|family|inet6?)$/], 'did you mean ip_version?'],
  [[/^(?:rates?|pps|throttle)$/], 'did you mean open_ports_opts.max_rate?'],
  [
    [/^(?:plan|plans|dry|dryrun|simulate|preview)$/],
    'POST plan makes a plan; {"plan": "<id>"} alone runs it',
  ],
  [
    [/^(?:allow|white|permit|restrict|limit|includ)|^(?:only|scope)$/],
    'only what stands in hosts is scanned',
  ],
];

interface Resemblance {
  /** What to write instead. */
  hint: string;
  /** It could have been meant to narrow the scan. */
  narrowing: boolean;
}

/** undefined: it resembles nothing that we know. `nested`: it stands in an object inside of the body. */
export function resemblance(name: string, nested: boolean): Resemblance | undefined {
  // By custom a note, or a field that is switched off.
  if (name.startsWith('_')) return undefined;
  // Words come before a far likeness: `include` looks like `exclude`, and says the opposite.
  return misspelt(name, 1, nested) ?? synonym(name) ?? misspelt(name, 2, nested);
}

/** As a known field, of any object, that is spelled nearly so. */
function misspelt(name: string, most: 1 | 2, nested: boolean): Resemblance | undefined {
  const path = nearestField(flat(name), most);
  if (path === undefined) return undefined;
  const where = nested && path.length === 1 ? ' beside hosts' : '';
  return { hint: `did you mean ${path.join('.')}${where}?`, narrowing: NARROWING.has(path.at(-1) ?? '') };
}

function synonym(name: string): Resemblance | undefined {
  const words = wordsIn(name);
  const fits = (wanted: readonly RegExp[]) => wanted.every((word) => words.some((each) => word.test(each)));
  const hint = SYNONYMS.find(([wanted]) => fits(wanted))?.[1];
  return hint === undefined ? undefined : { hint, narrowing: true };
}

function nearestField(typed: string, most: 1 | 2): readonly string[] | undefined {
  let found: readonly string[] | undefined;
  let least = most + 1;
  for (const [known, path] of FIELDS) {
    // Who mistypes hardly drops two letters, and a short word is near to many.
    if (Math.abs(known.length - typed.length) > 1 || known.length < 4 * most - 1) continue;
    const distance = editDistance(typed, known);
    if (distance < least) [found, least] = [path, distance];
  }
  return found;
}

function flat(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_.-]/g, '');
}

function wordsIn(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

const FIELDS = OBJECTS.flatMap(([path, known]) =>
  [...known].map((name) => [flat(name), [...path, name]] as const),
);
