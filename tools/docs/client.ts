import openapiTypes from 'openapi-typescript';
import { openapiDocument } from '../../src/api/openapi/document.ts';
import { ROUTES } from '../../src/api/routes.ts';

const HEAD = '// Made by `npm run docs` from the routes of the API.\n';
const COMMENTS = /^ *\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n/gm;

/** The types of all requests and answers, without the words around them: those stand in the document. */
export async function clientTypes(): Promise<string> {
  const types = await openapiTypes(JSON.parse(JSON.stringify(openapiDocument(ROUTES))), {
    commentHeader: HEAD,
  });
  return types.replaceAll(COMMENTS, '').replaceAll(/\n{3,}/g, '\n\n');
}

/** Method and path of each operation. */
export function clientRoutes(): string {
  const lines = ROUTES.map(
    ({ operationId, method, path }) => `  ${operationId}: { method: '${method}', path: '${path}' },`,
  );
  return `${HEAD}export const OPERATIONS = {\n${lines.join('\n')}\n} as const;\n`;
}
