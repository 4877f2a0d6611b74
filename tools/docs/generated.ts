import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { clientRoutes, clientTypes } from './client.ts';
import { errorTable } from './errors.ts';
import { eventTable } from './events.ts';
import { metricTables } from './metrics.ts';
import { envExample, variableTables } from './variables.ts';

export const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Whole texts of the files that are made from the code, or that have a section which is. */
export async function generatedDocuments(): Promise<Record<string, string>> {
  return {
    'docs/configuration.md': withSection('docs/configuration.md', 'variables', variableTables()),
    'docs/errors.md': withSection('docs/errors.md', 'codes', errorTable()),
    'docs/operations.md': withSection('docs/operations.md', 'events', eventTable()),
    'docs/metrics.md': withSection('docs/metrics.md', 'metrics', metricTables()),
    '.env.example': envExample(),
    'src/client/api.d.ts': await clientTypes(),
    'src/client/operations.ts': clientRoutes(),
  };
}

/** The document with `text` between `<!-- section -->` and `<!-- /section -->`; what stands around is written by hand. */
function withSection(name: string, section: string, text: string): string {
  const document = readFileSync(pathOf(name), 'utf8');
  const [start, end] = [`<!-- ${section} -->`, `<!-- /${section} -->`];
  const [before, old, ...rest] = document.split(start);
  const after = old?.split(end)[1];
  if (before === undefined || after === undefined || rest.length > 0)
    throw new Error(`${name} must have ${start} and then ${end}, each once`);
  return `${before}${start}\n\n${text}\n${end}${after}`;
}
