import { status } from '../serial/names.ts';

/** Parts of an item in the extended memory of Z-Stack 3.x.0: system 1, item, place in its table. */
export interface ExtendedItem {
  item: number;
  place: number;
}

const key = ({ item, place }: ExtendedItem): string => `${item}/${place}`;

/** The coordinator's non-volatile memory: what remains of it without power. */
export class NvMemory {
  readonly #items = new Map<number, Buffer>();
  readonly #extended = new Map<string, Buffer>();

  get(id: number): Buffer | undefined {
    return this.#items.get(id);
  }

  set(id: number, value: Uint8Array | readonly number[]): void {
    this.#items.set(id, Buffer.from(value));
  }

  remove(id: number): void {
    this.#items.delete(id);
  }

  length(id: number): number {
    return this.#items.get(id)?.length ?? 0;
  }

  /** SYS_OSAL_NV_ITEM_INIT: makes an item; the rest beyond the first bytes is 0xFF. */
  init(id: number, length: number, first: Buffer): number {
    if (first.length > length) return status.nvBadLength;
    if (this.#items.has(id)) return status.success;
    this.#items.set(id, Buffer.concat([first, Buffer.alloc(length - first.length, 0xff)]));
    return status.nvItemUninitialized;
  }

  /** SYS_OSAL_NV_DELETE: only with the item's true length. */
  delete(id: number, length: number): number {
    const item = this.#items.get(id);
    if (!item) return status.nvItemUninitialized;
    if (item.length !== length) return status.nvBadLength;
    this.#items.delete(id);
    return status.success;
  }

  write(id: number, offset: number, value: Buffer): number {
    return overwrite(this.#items.get(id), offset, value) ? status.success : status.invalidParameter;
  }

  extended(item: ExtendedItem): Buffer | undefined {
    return this.#extended.get(key(item));
  }

  createExtended(item: ExtendedItem, length: number): number {
    if (this.#extended.has(key(item))) return status.success;
    this.#extended.set(key(item), Buffer.alloc(length, 0xff));
    return status.nvItemUninitialized;
  }

  setExtended(item: ExtendedItem, value: Uint8Array): void {
    this.#extended.set(key(item), Buffer.from(value));
  }

  writeExtended(item: ExtendedItem, offset: number, value: Buffer): number {
    return overwrite(this.#extended.get(key(item)), offset, value) ? status.success : status.failure;
  }

  deleteExtended(item: ExtendedItem): number {
    return this.#extended.delete(key(item)) ? status.success : status.nvFailed;
  }

  clearTable(item: number): void {
    for (const name of this.#extended.keys()) if (name.startsWith(`${item}/`)) this.#extended.delete(name);
  }
}

function overwrite(item: Buffer | undefined, offset: number, value: Buffer): boolean {
  if (!item || offset + value.length > item.length) return false;
  value.copy(item, offset);
  return true;
}
