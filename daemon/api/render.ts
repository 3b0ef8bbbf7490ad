import type { ErrorCode, MessageParams } from './errors.ts';
import { en } from './messages/en.ts';
import type { ReasonCode } from './reasons.ts';

/** The sentence for a code in English; a parameter that is missing stays visible as `{name}`. */
export function render(code: ErrorCode | ReasonCode, params: MessageParams = {}): string {
  return en[code].replace(/\{(\w+)\}/g, (placeholder, name: string) => (name in params ? String(params[name]) : placeholder));
}
