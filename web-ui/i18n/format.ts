/** Numbers and times as people of one language and zone write them, all by Intl. */
export interface Format {
  number(value: number, digits?: number): string;
  /** With a sign, also a plus: for scales that have two sides. */
  signed(value: number): string;
  /** Of a share, 0..1. */
  percent(share: number): string;
  /** A change of a share, with a sign and a tenth. */
  signedPercent(change: number): string;
  time(at: number): string;
  /** With seconds. */
  clock(at: number): string;
  dateTime(at: number): string;
  /** "3 minutes ago". Both epoch ms. */
  relative(at: number, now: number): string;
  /** A span that is left, in the largest unit that fits, rounded up: never "0 minutes" while something is left. */
  span(ms: number): string;
  /** A span as minutes and seconds, such as 1:05. */
  countdown(ms: number): string;
  list(items: readonly string[]): string;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

export function createFormat({ locale, timezone }: { locale: string; timezone: string | undefined }): Format {
  const zone = timezone === undefined ? {} : { timeZone: timezone };
  const digits = [0, 1, 2].map((n) => new Intl.NumberFormat(locale, { maximumFractionDigits: n }));
  const signed = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const signedPercent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  const time = new Intl.DateTimeFormat(locale, { ...zone, timeStyle: 'short' });
  const clock = new Intl.DateTimeFormat(locale, { ...zone, timeStyle: 'medium' });
  const dateTime = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: 'medium', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const seconds = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
  const list = new Intl.ListFormat(locale);

  return {
    number: (value, fraction = 0) => (digits[fraction] ?? new Intl.NumberFormat(locale, { maximumFractionDigits: fraction })).format(value),
    signed: (value) => signed.format(value),
    percent: (share) => percent.format(share),
    signedPercent: (change) => signedPercent.format(change),
    time: (at) => time.format(at),
    clock: (at) => clock.format(at),
    dateTime: (at) => dateTime.format(at),
    relative(at, now) {
      const ago = now - at;
      const [unit, length] = UNITS.find(([, each]) => Math.abs(ago) >= each) ?? UNITS[3];
      return relative.format(-Math.trunc(ago / length), unit);
    },
    span(ms) {
      const [unit, length] = UNITS.find(([, each]) => ms >= each) ?? UNITS[3];
      const count = Math.max(0, Math.ceil(ms / length));
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
    },
    countdown(ms) {
      const left = Math.ceil(Math.max(0, ms) / 1000);
      return `${digits[0]?.format(Math.floor(left / 60))}:${seconds.format(left % 60)}`;
    },
    list: (items) => list.format(items),
  };
}

/**
 * The locale to write in: of the languages the panel has, the hub's, in the regional form that the browser prefers, since
 * the hub says "en" and the person may write dates as in en-GB.
 */
export function pickLocale(language: string, options: { browser: readonly string[]; known: readonly string[] }): string {
  const base = (tag: string): string => tag.toLowerCase().split('-')[0] ?? tag;
  const chosen = options.known.find((each) => each === base(language)) ?? 'en';
  if (base(language) === chosen && language.includes('-')) return language;
  return options.browser.find((tag) => base(tag) === chosen) ?? chosen;
}
