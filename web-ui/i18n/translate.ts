import type { ErrorCode, MessageParams } from '../../daemon/api/errors.ts';
import { en as codes } from '../../daemon/api/messages/en.ts';
import type { ReasonCode } from '../../daemon/api/reasons.ts';
import { render } from '../../daemon/api/render.ts';
import { en, type Key, type Message } from './en.ts';
import { createFormat, type Format } from './format.ts';

/** Languages that have a catalogue. To add one: a file like en.ts, typed `Record<Key, Message>`, and a line here. */
const CATALOGUES: Record<string, Record<Key, Message>> = { en };

export const LANGUAGES: readonly string[] = Object.keys(CATALOGUES);

/** Things that a code's parameters name by id and that have a name people know. */
export type Named = 'scene' | 'room' | 'device';

export interface I18n {
  locale: string;
  format: Format;
  /** A text of the panel. Numbers among the parameters are written as the locale does; `count` chooses the plural. */
  t(key: Key, params?: MessageParams): string;
  /** The sentence of an error or reason code. For a code that this panel does not know, `message`, or a sentence that says so. */
  code(code: string, params?: MessageParams, message?: string): string;
}

export interface I18nOptions {
  locale: string;
  /** IANA; absent: the browser's. */
  timezone?: string | undefined;
  nameOf(kind: Named, id: string): string | undefined;
}

export function createI18n({ locale, timezone, nameOf }: I18nOptions): I18n {
  const catalogue = CATALOGUES[locale.split('-')[0] ?? ''] ?? en;
  const plural = new Intl.PluralRules(locale);
  const format = createFormat({ locale, timezone });

  const t: I18n['t'] = (key, params = {}) => {
    const message = catalogue[key];
    const text = typeof message === 'string' ? message : message[plural.select(Number(params.count)) === 'one' ? 'one' : 'other'];
    return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
      const value = params[name];
      if (value === undefined) return placeholder;
      return typeof value === 'number' ? format.number(value, 2) : String(value);
    });
  };

  const code: I18n['code'] = (name, params = {}, message) => {
    if (!isCode(name)) return message || t('error.unknown', { code: name });
    const worded = Object.entries(params).map(([key, value]) => [key, word(key, value)] as const);
    return render(name, Object.fromEntries(worded));
  };

  // Codes carry ids and stamps, so that every reader can word them; ports and line numbers stay plain digits.
  const word = (name: string, value: string | number | boolean): string | number | boolean => {
    const at = typeof value === 'number' ? value : Date.parse(String(value));
    if ((name === 'until' || name === 'since') && !Number.isNaN(at)) return format.time(at);
    if (name === 'mood' && `mood.${value}` in en) return t(`mood.${value}` as Key).toLocaleLowerCase(locale);
    if (name === 'actor') return actor(String(value));
    if (name === 'scene' || name === 'room' || name === 'device') return nameOf(name, String(value)) ?? value;
    return value;
  };

  const actor = (name: string): string => {
    const kind = `actor.${name.split(':')[0]}`;
    return kind in en ? t(kind as Key) : name;
  };

  return { locale, format, t, code };
}

function isCode(name: string): name is ErrorCode | ReasonCode {
  return Object.hasOwn(codes, name);
}
