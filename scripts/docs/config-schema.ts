import { configJsonSchema } from '../../daemon/config/json-schema.ts';
import type { GeneratedDocument } from './document.ts';
import { configParts, fromRoot } from './parts.ts';

/** config/roomtone.schema.json, for editors. */
export const configJson: GeneratedDocument = {
  file: fromRoot('config/roomtone.schema.json'),
  render: async () => `${JSON.stringify(configJsonSchema(await configParts()), null, 2)}\n`,
};
