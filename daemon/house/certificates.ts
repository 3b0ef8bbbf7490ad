import { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import { type Names, ownCertificate } from './own-certificate.ts';
import type { ProblemReport } from './problems.ts';

/** Both in PEM */
export interface Pem {
  cert: string;
  key: string;
}

/** What the panel is served with. */
export interface Certificate extends Pem {
  /** SHA-256, as browsers show it */
  fingerprint: string;
  /** Whether the hub made it for itself. */
  own: boolean;
  /** Epoch ms */
  validUntil: number;
}

export interface CertificatesOptions {
  log: Logger;
  clock: Clock;
  /** Data folder */
  dir: string;
  /** `http.tls` of the configuration */
  tls: 'own' | 'off' | { cert: string; key: string };
  /** What this machine is called now: asked again each time. */
  names: () => Names;
}

const LOOK_EVERY = 3600_000;
/** ms before the end of a person's certificate from which they are told. */
const TELL_BEFORE = 14 * 24 * 3600_000;

/** The certificate for HTTPS: the one of the configuration, or one of the hub's own. Looked at every hour: certificates are renewed. */
export class Certificates {
  readonly events = new EventEmitter<{ changed: [Certificate]; problem: [ProblemReport | null] }>();
  readonly #options: CertificatesOptions;
  #current: Certificate | null = null;
  #timer: Timer | undefined;

  constructor(options: CertificatesOptions) {
    this.#options = options;
  }

  /** Null where HTTPS is off, and before the start. */
  get current(): Certificate | null {
    return this.#current;
  }

  async start(): Promise<void> {
    if (this.#options.tls === 'off') return;
    await this.#look();
    this.#timer = this.#options.clock.every(LOOK_EVERY, () => {
      this.#look().catch((err: unknown) => this.#options.log.error({ err, event: 'certificate.not_renewed' }));
    });
  }

  close(): void {
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { log, clock, dir, names } = this.#options;
    const found = this.#configured() ?? read(await ownCertificate({ dir, clock, names: names() }), true);
    if (found.fingerprint === this.#current?.fingerprint) return;
    this.#current = found;
    log.info({
      event: 'certificate',
      own: found.own,
      fingerprint: found.fingerprint,
      validUntil: new Date(found.validUntil).toISOString(),
    });
    this.events.emit('changed', found);
  }

  /** Null where there is none, or none that can be used. */
  #configured(): Certificate | null {
    const { tls, clock } = this.#options;
    if (typeof tls === 'string') return null;
    try {
      const found = read({ cert: readFileSync(tls.cert, 'utf8'), key: readFileSync(tls.key, 'utf8') }, false);
      const ends = found.validUntil - clock.wall() < TELL_BEFORE;
      const day = new Date(found.validUntil).toISOString().slice(0, 10);
      this.events.emit('problem', ends ? { code: 'http.certificate_ends', params: { file: tls.cert, day } } : null);
      return found;
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      this.events.emit('problem', { code: 'http.bad_certificate', params: { what } });
      return null;
    }
  }
}

/** @throws Error where the two are no certificate and key that belong together */
function read({ cert, key }: Pem, own: boolean): Certificate {
  createSecureContext({ cert, key });
  const { fingerprint256, validToDate } = new X509Certificate(cert);
  return { cert, key, own, fingerprint: fingerprint256, validUntil: validToDate.getTime() };
}
