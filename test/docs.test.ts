import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../daemon/config/load.ts';
import { documents } from '../scripts/docs/index.ts';
import { configParts, fromRoot } from '../scripts/docs/parts.ts';

for (const { file, render } of documents) {
  test(`${basename(file)} is as "npm run docs" writes it`, async () => {
    assert.equal(readFileSync(file, 'utf8'), await render());
  });
}

for (const name of ['starter.yaml', 'example.yaml']) {
  test(`config/${name} is valid`, async () => {
    const loaded = loadConfig({ file: fromRoot(`config/${name}`), ...(await configParts()), secrets: () => 'stored' });
    assert.ok(loaded.ok, JSON.stringify(loaded));
    assert.ok(loaded.config.rooms['living-room']?.devices.includes('virtual:lamp'));
  });
}
