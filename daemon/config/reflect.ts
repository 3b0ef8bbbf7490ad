import { z } from 'zod';

type Meta = NonNullable<ReturnType<typeof z.globalRegistry.get>>;

/** What a schema looks like to documents and hints, without its wrappers (defaults, optionality, transforms). */
export interface Field {
  schema: z.core.$ZodTypes;
  meta: Meta;
  /** As it would stand in the file; undefined where there is none. */
  default: unknown;
  required: boolean;
}

/** Strips the wrappers off a schema and gathers what they say. The outermost word counts. */
export function reflect(schema: z.core.$ZodType): Field {
  const typed = schema as z.core.$ZodTypes;
  const own = z.globalRegistry.get(schema as z.ZodType) ?? {};
  const { def } = typed._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return wrap(reflect(def.innerType), { meta: own, required: def.type === 'optional' ? false : undefined });
    case 'default':
    case 'prefault':
      return wrap(reflect(def.innerType), { meta: own, required: false, default: def.defaultValue });
    case 'pipe':
      return wrap(reflect(isTransform(def.in) ? def.out : def.in), { meta: own });
    case 'lazy':
      return wrap(reflect(def.getter()), { meta: own });
    default:
      return { schema: typed, meta: own, default: undefined, required: true };
  }
}

function wrap(inner: Field, outer: { meta: Meta; required?: boolean | undefined; default?: unknown }): Field {
  return {
    schema: inner.schema,
    meta: { ...inner.meta, ...outer.meta },
    default: outer.default ?? inner.default,
    required: outer.required ?? inner.required,
  };
}

const isTransform = (schema: z.core.$ZodType): boolean => (schema as z.core.$ZodTypes)._zod.def.type === 'transform';

/** Keys of an object schema; none where it is none. */
export function keysOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> {
  const { def } = reflect(schema).schema._zod;
  return def.type === 'object' ? def.shape : {};
}

/** The schemas that one step down may meet; `step` undefined: any key or index. */
function below(schema: z.core.$ZodType, step: string | number): z.core.$ZodType[] {
  const { def } = reflect(schema).schema._zod;
  if (def.type === 'object') return def.shape[step] ? [def.shape[step]] : [];
  if (def.type === 'record') return [def.valueType];
  if (def.type === 'array') return [def.element];
  if (def.type === 'union') return def.options.flatMap((option) => below(option, step));
  return [];
}

/** Keys that are known at `path`, over all forms that may stand there. */
export function knownKeys(schema: z.core.$ZodType, path: readonly (string | number)[]): string[] {
  const reached = path.reduce<z.core.$ZodType[]>((schemas, step) => schemas.flatMap((each) => below(each, step)), [schema]);
  const forms = reached.flatMap((each) => {
    const { def } = reflect(each).schema._zod;
    return def.type === 'union' ? [...def.options] : [each];
  });
  return [...new Set(forms.flatMap((form) => Object.keys(keysOf(form))))];
}

/** Paths of object keys whose metadata says `flag`, down to the first list or map of unnamed keys. */
export function pathsWith(schema: z.core.$ZodType, flag: 'secret' | 'requiresRestart'): string[][] {
  return Object.entries(keysOf(schema)).flatMap(([key, value]) => [
    ...(reflect(value).meta[flag] ? [[key]] : []),
    ...pathsWith(value, flag).map((path) => [key, ...path]),
  ]);
}
