import { pino } from 'pino';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { FakeCredentials } from '../../daemon/api/credentials.fake.ts';
import { FakeHub } from '../../daemon/api/hub.fake.ts';
import { Authenticator } from '../../daemon/auth/authenticator.ts';
import { buildApp } from '../../daemon/http/app.ts';
import { LiveStreams } from '../../daemon/http/live.ts';
import { ObservationStreams } from '../../daemon/http/observations.ts';
import { fromRoot } from './parts.ts';

/** The parts of an OpenAPI 3.1 document that the page shows. */
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

interface Operation {
  summary?: string;
  description?: string;
  parameters?: Array<{ name: string; in: string; schema: Schema }>;
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  description?: string;
}

const INTRODUCTION = `<!-- Made by \`npm run docs\` from daemon/http; change it there. -->

# HTTP API

Everything is JSON. The same as an OpenAPI document: \`GET /api/openapi.json\`.

- **Logging in.** The control panel uses a session cookie (\`POST /api/login\`). Programs send \`Authorization: Bearer rt_…\`, with a
  token made by \`POST /api/tokens\`. Without either, only what is marked *open* answers.
- **Errors** are \`{"error": {"code", "message", "params"}}\` with a fitting status. Programs go by \`code\`; \`message\` is for people.
- **Times** are epoch milliseconds, UTC. (On MQTT they are ISO 8601.)
- **Device ids** stand in paths URL-encoded: \`hue:001788.1a2b\` is \`hue%3A001788.1a2b\`.
- **Names.** The hub answers to \`localhost\`, its own host name (also with \`.local\`), addresses, and what \`http.allowedHosts\` adds;
  to requests that change something, only from its own pages or from no page at all.
`;

/** docs/http-api.md, from the routes themselves. */
export const httpApiPage = { file: fromRoot('docs/http-api.md'), render: renderHttpApi };

async function renderHttpApi(): Promise<string> {
  const { paths, components } = await openApiDocument();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => route(`${method.toUpperCase()} ${path}`, operation)),
  );
  const schemas = Object.entries(components.schemas)
    .filter(([name]) => !name.endsWith('Input'))
    .map(([name, schema]) => `### ${name}\n\n\`\`\`\n${shape(schema)}\n\`\`\`\n`);
  return `${INTRODUCTION}\n## Routes\n\n${routes.join('\n')}\n## What comes back\n\nA \`?\` marks what may be absent.\n\n${schemas.join('\n')}`;
}

/** Of an app that is put together and never opened. */
async function openApiDocument(): Promise<Document> {
  const log = pino({ level: 'silent' });
  const clock = new FakeClock();
  const hub = new FakeHub();
  const auth = new Authenticator({ clock, random: () => Buffer.alloc(0), credentials: new FakeCredentials({ clock }) });
  const live = new LiveStreams({ clock, log, hub, auth });
  const observations = new ObservationStreams({ clock, log, hub, auth });
  const app = await buildApp({ log, clock, hub, auth, live, observations, names: [], tls: false, staticDir: '', version: '' });
  await app.ready();
  const document = app.swagger() as unknown as Document;
  await app.close();
  return document;
}

const OPEN = new Set(['GET /api/health', 'GET /api/session', 'POST /api/setup', 'POST /api/login', 'POST /api/logout']);

function route(title: string, { summary = '', description, parameters = [], requestBody, responses }: Operation): string {
  const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name, schema }) => `\`?${name}=\` ${shape(schema)}`);
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  const answer = Object.values(responses['200']?.content ?? {})[0]?.schema;
  const lines = [`### ${title}`, `${summary}${OPEN.has(title) ? ' *(open)*' : ''}.`, description, ...query];
  if (body) lines.push(`Takes \`${inline(body)}\``);
  if (answer) lines.push(`Gives \`${inline(answer)}\``);
  return `${lines.filter(Boolean).join('\n\n')}\n`;
}

const inline = (schema: Schema): string => shape(schema).replaceAll(/\s+/g, ' ');

/** A schema as a person would jot it down. */
function shape(schema: Schema, indent = ''): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.anyOf) return schema.anyOf.map((each) => shape(each, indent)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.length > 12 ? 'string' : schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  if (schema.items) return `[${shape(schema.items, indent)}]`;
  if (!schema.properties) return [schema.type ?? 'any'].flat().join(' | ');
  const deeper = `${indent}  `;
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    return `${deeper}${name}${optional}: ${shape(field, deeper)}`;
  });
  return `{\n${fields.join(',\n')}\n${indent}}`;
}
