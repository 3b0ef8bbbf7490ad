import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap } from 'yaml';
import type { z } from 'zod';
import { type ErrorCode, type MessageParams, RoomtoneError } from '../api/errors.ts';
import { crossCheck } from './crosscheck.ts';
import { type KeyPath, locate, parseYaml, positionOf, showPath, type YamlFile } from './document.ts';
import { type Finding, toFindings } from './issues.ts';
import { MIGRATIONS, type Migration, migrate } from './migrations.ts';
import { asExpected, type ReferenceSources, resolveReferences } from './references.ts';
import { type Config, type ConfigParts, configSchema } from './schema.ts';

/** One thing to mend in the file. */
export interface ConfigProblem {
  code: Extract<ErrorCode, `config.${string}`>;
  /** Key path such as `rooms.kitchen.sources[0].url`; empty where the file as a whole is meant. */
  path: string;
  /** From 1; 0 where there is no file to point into. */
  line: number;
  column: number;
  /** What is wrong, as the end of "FILE, line N, PATH: ...". Names no secret. */
  message: string;
  params: MessageParams;
}

export interface LoadOptions<Scene = unknown, Policy = unknown> extends ConfigParts<Scene, Policy> {
  file: string;
  /** The vault's lookup, for `!secret NAME`. */
  secrets?: ReferenceSources['secrets'];
  /** For `!env NAME`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Other than the program's own, in tests. */
  migrations?: readonly Migration[];
}

export interface LoadedConfig<Scene = unknown, Policy = unknown> {
  ok: true;
  file: string;
  config: Config<Scene, Policy>;
  /** SHA-256 of the bytes on disk, hexadecimal: tells whether the file moved underneath. */
  hash: string;
}

export interface RefusedConfig {
  ok: false;
  file: string;
  /** All there is to mend, in the order of the file. Never empty. */
  problems: ConfigProblem[];
  /** Null where the file could not be read. */
  hash: string | null;
}

export type LoadResult<Scene = unknown, Policy = unknown> = LoadedConfig<Scene, Policy> | RefusedConfig;

const MAX_BYTES = 1024 * 1024;

/** Reads and checks the file whole. It never throws for what a file may contain. */
export function loadConfig<Scene, Policy>(options: LoadOptions<Scene, Policy>): LoadResult<Scene, Policy> {
  const { file } = options;
  let bytes: Buffer;
  try {
    bytes = readLimited(file);
  } catch (error) {
    return { ok: false, file, hash: null, problems: [readProblem(file, error)] };
  }
  return parseConfig(bytes, options);
}

/** As `loadConfig`, for content that is at hand. */
export function parseConfig<Scene, Policy>(bytes: Buffer, options: LoadOptions<Scene, Policy>): LoadResult<Scene, Policy> {
  const { file } = options;
  const hash = hashOf(bytes);
  const checked = check(bytes, options);
  if (!Array.isArray(checked)) return { ok: true, file, hash, config: checked };
  return { ok: false, file, hash, problems: checked.sort((a, b) => a.line - b.line || a.column - b.column) };
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The error that a caller who wanted a valid file throws: it names the first problem, and how many there are. */
export function configError({ problems }: RefusedConfig): RoomtoneError {
  const [first] = problems as [ConfigProblem, ...ConfigProblem[]];
  const others = problems.length - 1;
  const hint = others > 0 ? `${others} more ${others === 1 ? 'problem' : 'problems'} in this file.` : undefined;
  return new RoomtoneError(first.code, { params: first.params, ...(hint !== undefined && { hint }) });
}

function check<Scene, Policy>(bytes: Buffer, options: LoadOptions<Scene, Policy>): Config<Scene, Policy> | ConfigProblem[] {
  const { file, migrations = MIGRATIONS } = options;
  const read = readYaml(bytes, file);
  if (Array.isArray(read)) return read;
  const outdated = versionProblem(read, { file, newest: migrations.length + 1 });
  if (outdated) return [outdated];
  migrate(read.document, versionOf(read), migrations);

  const tree = plainTree(read, file);
  if (Array.isArray(tree)) return tree;
  const resolved = resolveReferences(fillEmptySections(tree.plain), {
    secrets: options.secrets ?? (() => undefined),
    env: (name) => options.env?.[name],
  });
  const { config, findings } = validate(resolved, options);
  const all = [...resolved.findings, ...findings, ...crossCheck(resolved.tree, options.defaultScenes)];
  if (!config || all.length > 0) return withoutEchoes(all, resolved.findings).map((finding) => place(finding, { read, file }));
  return anchorPaths(config, dirname(resolve(file)));
}

function readYaml(bytes: Buffer, file: string): YamlFile | ConfigProblem[] {
  const malformed = (message: string, line = 1, column = 1): ConfigProblem => problem('config.malformed', { file, line, column, message });
  let read: YamlFile;
  try {
    read = parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return [malformed(error instanceof RangeError ? 'nested too deeply' : 'this is not UTF-8 text')];
  }
  const faults = [...read.document.errors, ...read.document.warnings];
  if (faults.length > 0) {
    return faults.map((fault) => {
      const { line, column } = positionOf(read.lines, fault.pos[0]);
      return malformed(fault.message, line, column);
    });
  }
  const { contents } = read.document;
  const isEmpty = contents === null || contents.toJSON() === null;
  return isMap(contents) || isEmpty ? read : [malformed('a configuration is made of keys and values, such as "version: 1"')];
}

/** The values alone. Aliases that multiply ("a billion laughs") are refused. */
function plainTree({ document }: YamlFile, file: string): { plain: unknown } | ConfigProblem[] {
  try {
    return { plain: document.toJS({ maxAliasCount: 100 }) ?? {} };
  } catch {
    return [problem('config.malformed', { file, line: 1, column: 1, message: 'too many aliases (*name) that repeat each other' })];
  }
}

const versionOf = ({ document }: YamlFile): number => (isMap(document.contents) ? ((document.get('version') as number | null) ?? 1) : 1);

function versionProblem(read: YamlFile, { file, newest }: { file: string; newest: number }): ConfigProblem | undefined {
  const found: unknown = versionOf(read);
  const position = locate(read, ['version']);
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1) {
    return problem('config.invalid', { file, ...position, path: 'version', message: `must be a whole number from 1 to ${newest}` });
  }
  if (found <= newest) return undefined;
  const message = `is of version ${found}; this program knows versions up to ${newest}`;
  return { ...problem('config.newer_version', { file, ...position, path: 'version', message }), params: { file, found, known: newest } };
}

/** `hub:` or `virtual:` with nothing behind it is a section without keys. */
function fillEmptySections(tree: unknown): unknown {
  const fill = (section: unknown): unknown =>
    Object.fromEntries(Object.entries(section as object).map(([key, value]) => [key, value ?? {}]));
  const present = Object.entries(tree as object).filter(([, value]) => value !== null);
  return Object.fromEntries(
    present.map(([key, value]) => {
      const holdsSections = (key === 'adapters' || key === 'rooms') && typeof value === 'object' && !Array.isArray(value);
      return [key, holdsSections ? fill(value) : value];
    }),
  );
}

function validate<Scene, Policy>(
  { tree, references }: { tree: unknown; references: Set<string> },
  parts: ConfigParts<Scene, Policy>,
): { config?: Config<Scene, Policy>; findings: Finding[] } {
  const schema = configSchema(parts);
  const parse = () => schema.safeParse(tree, { reportInput: true });
  const toAll = ({ issues }: z.core.$ZodError): Finding[] => issues.flatMap((issue) => toFindings(issue, schema));
  const first = parse();
  if (first.success) return { config: first.data, findings: [] };
  const converted = toAll(first.error).filter(
    ({ path, expected }) => expected && references.has(showPath(path)) && convert(tree, { path, expected }),
  );
  if (converted.length === 0) return { findings: toAll(first.error) };
  const second = parse();
  return second.success ? { config: second.data, findings: [] } : { findings: toAll(second.error) };
}

/** References are text; a port or a switch needs the number or boolean that the text spells. */
function convert(tree: unknown, { path, expected }: { path: KeyPath; expected: string }): boolean {
  const last = path.at(-1) as string;
  const parent = path.slice(0, -1).reduce<unknown>((node, step) => (node as Record<string | number, unknown>)[step], tree) as Record<
    string,
    unknown
  >;
  const text = parent[last];
  parent[last] = asExpected(String(text), expected);
  return parent[last] !== text;
}

/** What a missing secret leaves behind is missing too: said once. */
function withoutEchoes(findings: Finding[], unresolved: Finding[]): Finding[] {
  const said = new Set(unresolved.map(({ path }) => showPath(path)));
  return findings.filter((finding) => unresolved.includes(finding) || !said.has(showPath(finding.path)));
}

function place({ path, message, at }: Finding, { read, file }: { read: YamlFile; file: string }): ConfigProblem {
  return problem('config.invalid', { file, ...locate(read, path, at), path: showPath(path), message });
}

/** Relative paths in the file start at its folder, wherever the program was started. */
function anchorPaths<Scene, Policy>(config: Config<Scene, Policy>, folder: string): Config<Scene, Policy> {
  for (const room of Object.values(config.rooms)) {
    for (const source of room.sources) {
      if (source.kind === 'phone') continue;
      if (source.url?.startsWith('file:') && !source.url.startsWith('file://'))
        source.url = `file:${resolve(folder, source.url.slice('file:'.length))}`;
    }
  }
  const { tls } = config.http;
  if (typeof tls === 'object') config.http.tls = { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) };
  if (config.models.dir !== undefined) config.models.dir = resolve(folder, config.models.dir);
  return config;
}

function problem(
  code: ConfigProblem['code'],
  details: { file: string; line: number; column: number; path?: string; message: string },
): ConfigProblem {
  const { file, line, column, path = '', message } = details;
  return { code, path, line, column, message, params: { file, line, path, what: message } };
}

class TooLargeError extends Error {}

function readLimited(file: string): Buffer {
  const stats = statSync(file);
  if (!stats.isFile()) throw new TooLargeError('it is not a file');
  if (stats.size > MAX_BYTES) throw new TooLargeError(`it has ${stats.size} bytes; ${MAX_BYTES} are allowed`);
  return readFileSync(file);
}

function readProblem(file: string, error: unknown): ConfigProblem {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const message = isMissing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
  return problem(isMissing ? 'config.not_found' : 'config.unreadable', { file, line: 0, column: 0, message });
}
