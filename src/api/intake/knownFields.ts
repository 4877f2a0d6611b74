/** What a scan request may have where, out of its schema. */
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
