import { z } from 'zod';
import { type ConfigParts, configSchema } from './schema.ts';

/** JSON Schema (2020-12) of the file, for editors. It says what may be written, not what it becomes. */
export function configJsonSchema(parts: ConfigParts): Record<string, unknown> {
  return {
    ...z.toJSONSchema(configSchema(parts), {
      io: 'input',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        if (jsonSchema.defaultText !== undefined) delete jsonSchema.default;
        delete jsonSchema.defaultText;
        delete jsonSchema.valueText;
      },
    }),
    title: 'Roomtone configuration',
  };
}
