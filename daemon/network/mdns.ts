import type { EventEmitter } from 'node:events';
import { Bonjour, type Browser, type Service } from 'bonjour-service';
import type { MdnsService } from '../devices/discovery.ts';

export interface MdnsBrowserOptions {
  /** IPv4 address of the interface to ask from. */
  address: string;
  /** 5353, except in tests. */
  port?: number;
  /** Such as `hue`, for `_hue._tcp`. */
  type: string;
  onService(service: MdnsService): void;
  onError(error: Error): void;
}

/** Looks for one type of service on one interface until it is stopped. */
export class MdnsBrowser {
  readonly #bonjour: Bonjour;
  readonly #browser: Browser;

  constructor({ address, port, type, onService, onError }: MdnsBrowserOptions) {
    // Bound to an address, a socket would not hear what is sent to the group.
    const options = { interface: address, bind: '0.0.0.0', ...(port === undefined ? {} : { port }) };
    this.#bonjour = new Bonjour(options, onError);
    listenForErrors(this.#bonjour, onError);
    this.#browser = this.#bonjour.find({ type }, (service) => onService(readService(service)));
    const onChange = (service: Service): void => onService(readService(service));
    this.#browser.on('srv-update', onChange).on('txt-update', onChange);
  }

  /** The first question may be lost: UDP. */
  askAgain(): void {
    this.#browser.update();
  }

  stop(): void {
    this.#browser.stop();
    this.#bonjour.destroy();
  }
}

/** The library hands on errors of answering alone; one of its socket, which nobody else hears, would end the program. */
function listenForErrors(bonjour: Bonjour, onError: (error: Error) => void): void {
  const { server } = bonjour as unknown as { server: { mdns: EventEmitter<{ error: [Error]; warning: [Error] }> } };
  server.mdns.on('error', onError).on('warning', onError);
}

function readService({ name, port, txt, addresses = [], referer }: Service): MdnsService {
  const texts = Object.entries((txt ?? {}) as Record<string, unknown>).map(([key, value]) => [key.toLowerCase(), String(value)] as const);
  const v4 = addresses.filter((address) => !address.includes(':'));
  const v6 = addresses.filter((address) => address.includes(':') && !address.toLowerCase().startsWith('fe80'));
  // An answer may leave its address out: it is the one that sent it.
  const known = [...v4, ...v6];
  return { name, port, txt: Object.fromEntries(texts), addresses: known.length > 0 || !referer ? known : [referer.address] };
}
