import { hex, type Random, uuid } from '../random.ts';
import { type ClipObject, type Reference, type ResourceUpdate, referenceTo, type Service } from './resource.ts';

/** What a maker printed on the box. */
export interface Product {
  modelId: string;
  productName: string;
  archetype: string;
  manufacturer?: string;
  hardware?: string;
  software?: string;
}

export interface DeviceDescription {
  name: string;
  product: Product;
  /** Such as `/lights/1`; absent for what API v1 does not know. */
  idV1?: string;
  /** Whether it can make itself seen. */
  identifies: boolean;
}

/** Anything with a radio (or the bridge itself): a `device` with its services. */
export class Device {
  readonly id: string;
  readonly type = 'device';
  readonly product: Product;
  readonly idV1: string | undefined;
  readonly services: Service[] = [];
  /** How often it was asked to make itself seen. */
  identified = 0;
  name: string;
  readonly #identifies: boolean;

  constructor({ name, product, idV1, identifies }: DeviceDescription, random: Random) {
    this.id = uuid(random);
    this.name = name;
    this.product = product;
    this.idV1 = idV1;
    this.#identifies = identifies;
  }

  get reference(): Reference {
    return referenceTo(this);
  }

  get identifies(): boolean {
    return this.#identifies;
  }

  get metadata(): ClipObject {
    return { archetype: this.product.archetype, name: this.name };
  }

  /** The device with all its services. */
  resources(): ClipObject[] {
    return [this.resource(), ...this.services.map((service) => service.resource())];
  }

  resource(): ClipObject {
    const { archetype, hardware, manufacturer, modelId, productName, software } = this.product;
    return {
      id: this.id,
      ...this.fixed(),
      ...(this.#identifies && { identify: {} }),
      metadata: this.metadata,
      product_data: {
        certified: manufacturer === undefined,
        ...(hardware && { hardware_platform_type: hardware }),
        manufacturer_name: manufacturer ?? 'Signify Netherlands B.V.',
        model_id: modelId,
        product_archetype: archetype,
        product_name: productName,
        software_version: software ?? '1.163.1',
      },
      services: this.services.map(referenceTo),
      type: 'device',
    };
  }

  fixed(): ClipObject {
    return this.idV1 === undefined ? {} : { id_v1: this.idV1 };
  }

  /** What every event of one of its services repeats. */
  fixedOfService(): ClipObject {
    return { ...this.fixed(), owner: this.reference };
  }

  rename(name: string): ResourceUpdate {
    this.name = name;
    return { id: this.id, type: 'device', fixed: this.fixed(), changed: { metadata: this.metadata } };
  }
}

export type ConnectivityStatus = 'connected' | 'connectivity_issue';

/** `zigbee_connectivity`: whether the bridge hears the device. */
export class Connectivity implements Service {
  readonly id: string;
  readonly type = 'zigbee_connectivity';
  readonly #device: Device;
  readonly #mac: string;
  #status: ConnectivityStatus = 'connected';

  constructor(device: Device, random: Random) {
    this.id = uuid(random);
    this.#device = device;
    this.#mac = `00:17:88:01:${(hex(10, random).match(/../g) ?? []).join(':')}`;
  }

  /** Undefined where nothing changed. */
  set(status: ConnectivityStatus): ResourceUpdate | undefined {
    if (this.#status === status) return undefined;
    this.#status = status;
    return { id: this.id, type: this.type, fixed: this.#device.fixedOfService(), changed: { status } };
  }

  resource(): ClipObject {
    return { id: this.id, ...this.#device.fixedOfService(), mac_address: this.#mac, status: this.#status, type: this.type };
  }
}
