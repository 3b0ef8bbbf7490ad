import { isIP } from 'node:net';
import { z } from 'zod';

declare module 'zod' {
  interface GlobalMeta {
    /** Never shown or logged; panels offer a password field. */
    secret?: boolean;
    /** A change takes effect only after the hub was started again. */
    requiresRestart?: boolean;
    /** What documents call the value, where its type does not say enough. */
    valueText?: string;
    /** What documents say instead of a default that depends on the machine. */
    defaultText?: string;
  }
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION_HELP = 'must be a duration such as 90s, 5m or 1h';

/** Milliseconds of `90s`, `5m`, `1h`, `250ms`, `2d`; NaN where the text is none of these. */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  return Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
}

/** Written as `90s`, read as milliseconds. */
export const duration = z
  .string({ error: DURATION_HELP })
  .regex(DURATION, DURATION_HELP)
  .transform(parseDuration)
  .meta({ valueText: 'duration' });

const HOST_LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

/** An IP address, or a name by the rules of RFC 1123, section 2.1. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const labels = text.split('.');
  const looksLikeAnAddress = /^[\d.]+$/.test(text);
  return text.length <= 253 && !looksLikeAnAddress && labels.every((label) => HOST_LABEL.test(label));
}

export const host = z.string().refine(isHost, 'must be a host name or an IP address, without scheme or port');

/** 0 lets the system choose, as tests do. */
export const port = z.number().int().min(0).max(65_535);

export const timezone = z.string().refine(isTimezone, 'must be an IANA time zone such as Europe/Berlin');

export const systemTimezone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
