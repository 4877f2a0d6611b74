/** `npm run docs`: writes the parts of documents that are made from the code; a test fails when they are out of date. */
import { writeFileSync } from 'node:fs';
import { generatedDocuments, pathOf } from './docs/generated.ts';

for (const [name, text] of Object.entries(await generatedDocuments())) {
  writeFileSync(pathOf(name), text);
  console.log(name);
}
