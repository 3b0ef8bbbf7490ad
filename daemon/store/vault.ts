import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RoomtoneError } from '../api/errors.ts';
import type { VaultPort } from '../devices/adapter.ts';
import { type Db, guarded } from './database.ts';
import { createPrivateFile } from './files.ts';

/**
 * Secrets sealed with AES-256-GCM (NIST SP 800-38D). An entry is: format byte, 12-byte random nonce, 16-byte tag,
 * ciphertext. The entry's name is authenticated along with it, so that entries cannot be exchanged.
 */
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Sealed when the vault is made: tells a wrong key from a damaged entry. No scope can reach its name. */
const CANARY = '';

export interface VaultOptions {
  db: Db;
  /** Data folder, where `vault.key` is made at first use. */
  dir: string;
  /** Where systemd puts credentials ($CREDENTIALS_DIRECTORY); its `roomtone-vault-key` goes before the key file. */
  credentialsDir?: string | undefined;
}

/**
 * Every call may throw RoomtoneError: `vault.key_missing`, `vault.bad_key` and `vault.wrong_key` concern the key,
 * `vault.tampered` one entry.
 */
export class Vault {
  readonly #options: VaultOptions;
  #key: Buffer | undefined;

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  /** The entries of one owner; no two scopes see each other's. */
  scoped(scope: string): VaultPort {
    const full = (name: string): string => `${encodeURIComponent(scope)}/${name}`;
    return {
      get: (name) => this.#get(full(name)),
      set: (name, secret) => this.#set(full(name), secret),
      delete: (name) => this.#delete(full(name)),
      names: () => this.#names(full('')),
    };
  }

  /** What `!secret NAME` in the configuration stands for. */
  get secrets(): VaultPort {
    return this.scoped('secret');
  }

  #get(name: string): string | undefined {
    const sealed = this.#read(name);
    return sealed && open(sealed, { name, key: this.#unlock() });
  }

  #set(name: string, secret: string): void {
    const key = this.#unlock();
    this.#write(name, seal(secret, { name, key }));
  }

  #delete(name: string): void {
    const { db } = this.#options;
    guarded(db, () => db.prepare('DELETE FROM vault WHERE name = ?').run(name));
  }

  #names(prefix: string): string[] {
    const { db } = this.#options;
    const list = db.prepare<[string, string], { name: string }>(
      'SELECT name FROM vault WHERE substr(name, 1, length(?)) = ? ORDER BY name',
    );
    return guarded(db, () => list.all(prefix, prefix)).map(({ name }) => name.slice(prefix.length));
  }

  #read(name: string): Buffer | undefined {
    const { db } = this.#options;
    return guarded(db, () => db.prepare<[string], { sealed: Buffer }>('SELECT sealed FROM vault WHERE name = ?').get(name))?.sealed;
  }

  #write(name: string, sealed: Buffer): void {
    const { db } = this.#options;
    guarded(db, () => db.prepare('INSERT OR REPLACE INTO vault VALUES (?, ?)').run(name, sealed));
  }

  /** Reads the key once and makes sure that it is the one the vault was made with. */
  #unlock(): Buffer {
    if (this.#key) return this.#key;
    const canary = this.#read(CANARY);
    const file = this.#keyFile();
    if (!existsSync(file)) {
      if (canary) throw new RoomtoneError('vault.key_missing', { params: { file } });
      createPrivateFile(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    }
    const key = readKey(file);
    if (!canary) this.#write(CANARY, seal('roomtone', { name: CANARY, key }));
    else if (!fits(canary, key)) throw new RoomtoneError('vault.wrong_key', { params: { file } });
    this.#key = key;
    return key;
  }

  #keyFile(): string {
    const { dir, credentialsDir } = this.#options;
    const credential = credentialsDir && join(credentialsDir, 'roomtone-vault-key');
    if (credential && existsSync(credential)) return credential;
    const own = join(dir, 'vault.key');
    // A restored backup may have lost the mode.
    if (existsSync(own) && statSync(own).mode & 0o077) chmodSync(own, 0o600);
    return own;
  }
}

function readKey(file: string): Buffer {
  const content = readFileSync(file);
  const text = content.toString('latin1').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (content.length === KEY_BYTES) return content;
  throw new RoomtoneError('vault.bad_key', { params: { file } });
}

function seal(secret: string, { name, key }: { name: string; key: Buffer }): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(authenticated(name));
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), ciphertext]);
}

function open(sealed: Buffer, { name, key }: { name: string; key: Buffer }): string {
  const tagAt = 1 + NONCE_BYTES;
  const textAt = tagAt + TAG_BYTES;
  const tampered = (cause?: unknown) => new RoomtoneError('vault.tampered', { params: { name }, cause });
  if (sealed.length < textAt || sealed[0] !== FORMAT) throw tampered();
  try {
    const nonce = sealed.subarray(1, tagAt);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(authenticated(name));
    decipher.setAuthTag(sealed.subarray(tagAt, textAt));
    return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw tampered(error);
  }
}

function fits(canary: Buffer, key: Buffer): boolean {
  try {
    open(canary, { name: CANARY, key });
    return true;
  } catch {
    return false;
  }
}

const authenticated = (name: string): Buffer => Buffer.from(`roomtone-vault-v${FORMAT}\0${name}`);
