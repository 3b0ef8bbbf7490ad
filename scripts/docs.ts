// Writes the documents that are generated: `npm run docs`. One file of scripts/docs/ for each; test/docs.test.ts tells
// when one is out of date.
import { writeFileSync } from 'node:fs';
import { documents } from './docs/index.ts';

for (const { file, render } of documents) {
  writeFileSync(file, await render());
  console.log(file);
}
