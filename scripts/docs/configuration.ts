import { z } from 'zod';
import { type Field, keysOf, reflect } from '../../daemon/config/reflect.ts';
import { configSchema } from '../../daemon/config/schema.ts';
import type { GeneratedDocument } from './document.ts';
import { configParts, fromRoot } from './parts.ts';

/** docs/configuration.md */
export const configurationPage: GeneratedDocument = {
  file: fromRoot('docs/configuration.md'),
  render: async () => `${INTRODUCTION}\n${sections(configSchema(await configParts())).join('\n')}`,
};

const INTRODUCTION = `<!-- Made by \`npm run docs\` from daemon/config/schema.ts; change it there. -->

# Configuration

One YAML file says what the house is: rooms, what senses them, what lights them. \`npm start -- --config FILE\` chooses it;
without, Roomtone writes a commented starter, \`roomtone.yaml\`, into its data folder and runs on that.
[config/example.yaml](../config/example.yaml) shows a house with a bit of everything.

- **Checking.** \`roomtone check FILE\` names everything that is wrong, with line, column and key. An unknown key is an error.
  A hub that meets a bad file starts all the same: the panel shows what is wrong, and no device is touched.
- **Changing.** A running hub reads the file again on \`SIGHUP\` and restarts only what changed. Keys marked *restart* take
  effect when the hub is started again. When the panel changes something, comments stay, and the version before is kept as
  \`FILE.bak\`. Lines that a change does not concern stay as they are, as a rule.
- **Durations** are written with a unit: \`250ms\`, \`90s\`, \`5m\`, \`1h\`, \`2d\`.
- **\`!secret NAME\`** takes a value from the encrypted vault, **\`!env NAME\`** from the environment; either may stand in for any value.
- **Relative paths** (\`file:PATH\`, \`models.dir\`) start at the folder of the file.
- **Editors** with YAML support complete and check the file by
  [config/roomtone.schema.json](../config/roomtone.schema.json), which the first line of the starter names. Tell them about the
  two tags, as in \`"yaml.customTags": ["!secret scalar", "!env scalar"]\`.
- A file may have up to 1 MiB. A \`version\` newer than the program is refused; older ones are read as they are.

Parts of a key in \`<>\` are names of your own; \`[]\` stands for every entry of a list.
`;

function sections(schema: z.core.$ZodType): string[] {
  return Object.entries(keysOf(schema)).map(([key, value]) => {
    const field = reflect(value);
    const rows = isSection(field) ? rowsBelow(key, field) : [row(key, field)];
    const table = rows.length > 0 ? ['', '| Key | Value | Default | Meaning |', '| --- | --- | --- | --- |', ...rows] : [];
    return [`## ${key}`, '', field.meta.description ?? '', ...table, ''].join('\n');
  });
}

const isSection = ({ schema }: Field): boolean => ['object', 'record', 'array'].includes(schema._zod.def.type);

/** The key's own row, and those of all that is inside it. */
function rows(path: string, schema: z.core.$ZodType): string[] {
  const field = reflect(schema);
  const inside = rowsBelow(path, field);
  const isBareGroup = field.schema._zod.def.type === 'object' && !field.meta.description;
  return isBareGroup ? inside : [row(path, field), ...inside];
}

function rowsBelow(path: string, { schema }: Field): string[] {
  const { def } = schema._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, value]) => rows(`${path}.${key}`, value));
    case 'record':
      return rowsBelow(`${path}.<${path.replace(/s$/, '')}>`, reflect(def.valueType));
    case 'array':
      return rowsBelow(`${path}[]`, reflect(def.element));
    case 'union':
      return [...new Set(def.options.flatMap((option) => rowsBelow(`${path}${variant(option)}`, reflect(option))))];
    default:
      return [];
  }
}

/** Which form of a section a key belongs to: ` (camera)` after `sources[]`. */
function variant(option: z.core.$ZodType): string {
  const { kind } = keysOf(option);
  const { def } = kind ? reflect(kind).schema._zod : { def: undefined };
  return def?.type === 'literal' ? ` (${def.values.join(', ')})` : '';
}

function row(path: string, field: Field): string {
  const { meta } = field;
  const marks = [meta.requiresRestart && '*Restart.*', meta.secret && '*Secret.*'].filter(Boolean).join(' ');
  const meaning = [meta.description, marks].filter(Boolean).join(' ');
  return `| \`${path}\` | ${cell(typeName(field))} | ${cell(defaultText(field))} | ${cell(meaning)} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function defaultText({ meta, default: value, required }: Field): string {
  if (meta.defaultText) return meta.defaultText;
  if (required) return 'required';
  const isEmpty = value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return isEmpty ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function typeName({ schema, meta }: Field): string {
  if (meta.valueText) return meta.valueText;
  const { def } = schema._zod;
  switch (def.type) {
    case 'literal':
      return def.values.map((value) => `\`${value}\``).join(', ');
    case 'enum':
      return Object.values(def.entries)
        .map((value) => `\`${value}\``)
        .join(', ');
    case 'union':
      return [...new Set(def.options.map((option) => typeName(reflect(option))))].join(' or ');
    case 'array':
      return `list of ${plural(typeName(reflect(def.element)))}`;
    case 'number':
      return `number${range(schema)}`;
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return 'text';
    case 'object':
    case 'record':
      return 'section';
    default:
      return def.type;
  }
}

const plural = (name: string): string => ({ section: 'sections', text: 'texts', number: 'numbers' })[name] ?? name;

function range(schema: z.core.$ZodTypes): string {
  if (!(schema instanceof z.ZodNumber)) return '';
  const { minValue, maxValue } = schema;
  const isBounded = minValue !== null && maxValue !== null && Math.max(-minValue, maxValue) < Number.MAX_SAFE_INTEGER;
  return isBounded ? `, ${minValue} to ${maxValue}` : '';
}
