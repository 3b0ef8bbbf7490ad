import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RoomtoneError } from '../api/errors.ts';
import type { VaultPort } from '../devices/adapter.ts';
import { type Db, guarded } from './database.ts';
import { createPrivateFile, writePrivateFile } from './files.ts';

/**
 * Secrets sealed with AES-256-GCM (NIST SP 800-38D). An entry is: format byte, 12-byte random nonce, 16-byte tag,
 * ciphertext. The entry's name is authenticated along with it, so that entries cannot be exchanged.
 */
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

const KEY_FILE = 'vault.key';
/** The key that a rotation is about to put in its place. */
const NEXT_KEY_FILE = 'vault.key.next';

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

  /**
   * Seals every entry anew with another key. Without files the new key is made and takes the place of `vault.key`; a power
   * cut leaves the old key and the old entries, or the new ones. With files, as for a key that the service manager holds,
   * nothing but the entries changes. A hub that runs goes on.
   * @returns how many entries there are
   * @throws RoomtoneError `vault.tampered` where one cannot be opened: then nothing changes
   */
  rotate(files?: { from: string; to: string }): number {
    const { dir } = this.#options;
    const old = files ? readKey(files.from) : this.#unlock();
    if (!files && this.#keyFile() !== join(dir, KEY_FILE)) throw new RoomtoneError('vault.not_ours', { params: { file: this.#keyFile() } });
    if (files) this.#assertFits(old, files.from);
    const next = files ? readKey(files.to) : randomBytes(KEY_BYTES);
    const nextFile = join(dir, NEXT_KEY_FILE);
    if (!files) writePrivateFile(nextFile, keyText(next));
    const count = this.#resealAll(old, next);
    if (!files) renameSync(nextFile, join(dir, KEY_FILE));
    this.#key = files ? undefined : next;
    return count;
  }

  #resealAll(old: Buffer, next: Buffer): number {
    const { db } = this.#options;
    const reseal = db.transaction(() => {
      const entries = db.prepare<[], { name: string; sealed: Buffer }>('SELECT name, sealed FROM vault').all();
      for (const { name, sealed } of entries) this.#write(name, seal(open(sealed, { name, key: old }), { name, key: next }));
      return entries.filter(({ name }) => name !== CANARY).length;
    });
    return guarded(db, () => reseal.immediate());
  }

  #assertFits(key: Buffer, file: string): void {
    const canary = this.#read(CANARY);
    if (canary && !fits(canary, key)) throw new RoomtoneError('vault.wrong_key', { params: { file } });
  }

  /** What `!secret NAME` in the configuration stands for. */
  get secrets(): VaultPort {
    return this.scoped('secret');
  }

  #get(name: string): string | undefined {
    const sealed = this.#read(name);
    return sealed && open(sealed, { name, key: this.#unlock() });
  }

  /** In one transaction with the look at the key: it may be exchanged by another process. */
  #set(name: string, secret: string): void {
    const { db } = this.#options;
    const set = db.transaction(() => this.#write(name, seal(secret, { name, key: this.#unlock() })));
    guarded(db, () => set.immediate());
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

  /** The key, made sure that it is the one the vault was sealed with last. */
  #unlock(): Buffer {
    const canary = this.#read(CANARY);
    if (this.#key && canary && fits(canary, this.#key)) return this.#key;
    const file = this.#keyFile();
    if (canary) this.#finishRotation(canary);
    if (!existsSync(file)) {
      if (canary) throw new RoomtoneError('vault.key_missing', { params: { file } });
      createPrivateFile(file, keyText(randomBytes(KEY_BYTES)));
    }
    const key = readKey(file);
    if (canary) this.#assertFits(key, file);
    else this.#write(CANARY, seal('roomtone', { name: CANARY, key }));
    this.#key = key;
    return key;
  }

  /** After a power cut: the new key takes its place if the entries are sealed with it, and goes if they are not. */
  #finishRotation(canary: Buffer): void {
    const { dir } = this.#options;
    const next = join(dir, NEXT_KEY_FILE);
    if (!existsSync(next)) return;
    if (fits(canary, readKey(next))) renameSync(next, join(dir, KEY_FILE));
    else rmSync(next);
  }

  #keyFile(): string {
    const { dir, credentialsDir } = this.#options;
    const credential = credentialsDir && join(credentialsDir, 'roomtone-vault-key');
    if (credential && existsSync(credential)) return credential;
    const own = join(dir, KEY_FILE);
    // A restored backup may have lost the mode.
    if (existsSync(own) && statSync(own).mode & 0o077) chmodSync(own, 0o600);
    return own;
  }
}

const keyText = (key: Buffer): string => `${key.toString('hex')}\n`;

function readKey(file: string): Buffer {
  if (!existsSync(file)) throw new RoomtoneError('vault.key_missing', { params: { file } });
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
