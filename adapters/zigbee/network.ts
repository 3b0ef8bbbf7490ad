import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { VaultPort } from '../../daemon/devices/adapter.ts';

const bytes = (length: number) => z.array(z.number().int().min(0).max(255)).length(length);

const identitySchema = z.strictObject({
  /** 1..65534; 65535 is everybody (Zigbee specification, 3.6.1.6). */
  panId: z.number().int().min(1).max(0xfffe),
  extendedPanId: bytes(8),
  /** Who has it reads and commands everything in the network. */
  key: bytes(16),
});

/** What a network is known by, over the years and over coordinators. */
export type NetworkIdentity = z.infer<typeof identitySchema>;

const memorySchema = z.object({
  /** Epoch ms */
  at: z.number(),
  /** In the format of github.com/zigpy/open-coordinator-backup; it has the network key in it. */
  memory: z.unknown(),
});

/** A copy of a coordinator's memory. */
export type Backup = z.infer<typeof memorySchema>;

/** The network's secrets, which lie in the vault and nowhere else. */
export class NetworkSecrets {
  readonly #vault: VaultPort;

  constructor(vault: VaultPort) {
    this.#vault = vault;
  }

  /** Drawn at random the first time, and the same ever after. */
  identity(): NetworkIdentity {
    const known = this.#read('network', identitySchema);
    if (known) return known;
    const made = { panId: 1 + (randomBytes(2).readUInt16BE() % 0xfffe), extendedPanId: [...randomBytes(8)], key: [...randomBytes(16)] };
    this.#vault.set('network', JSON.stringify(made));
    return made;
  }

  backup(): Backup | undefined {
    return this.#read('backup', memorySchema);
  }

  keepBackup(backup: Backup): void {
    this.#vault.set('backup', JSON.stringify(backup));
  }

  #read<T>(name: string, schema: z.ZodType<T>): T | undefined {
    const text = this.#vault.get(name);
    if (text === undefined) return undefined;
    const { success, data } = schema.safeParse(JSON.parse(text));
    // To go on with another key would end the network that there is.
    if (!success) throw new RoomtoneError('vault.tampered', { params: { name: `zigbee/${name}` } });
    return data;
  }
}
