import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/**
 * argon2id with 19 MiB, two passes and one lane: the second of the equal choices in the OWASP Password Storage Cheat
 * Sheet (2025), the one that leaves a small board room for two at a time. Version 0x13 is that of RFC 9106.
 */
const CURRENT: Parameters = { memory: 19_456, passes: 2, parallelism: 1 };
const VERSION = 19;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

interface Parameters {
  /** KiB */
  memory: number;
  passes: number;
  parallelism: number;
}

/** The form of https://github.com/P-H-C/phc-string-format, with the parameter names of argon2. */
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** @returns a PHC string, which carries its salt and parameters. `random` gives that many unpredictable bytes. */
export async function hashPassword(password: string, random: (bytes: number) => Buffer): Promise<string> {
  const salt = random(SALT_BYTES);
  const tag = await tagOf(password, { salt, length: TAG_BYTES, parameters: CURRENT });
  const { memory, passes, parallelism } = CURRENT;
  return `$argon2id$v=${VERSION}$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** False also where `phc` is no argon2id string: a damaged record lets nobody in. */
export async function verifyPassword(phc: string, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(phc) ?? [];
  if (!salt || !tag) return false;
  const expected = Buffer.from(tag, 'base64');
  const actual = await tagOf(password, {
    salt: Buffer.from(salt, 'base64'),
    length: expected.length,
    parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
  });
  return timingSafeEqual(actual, expected);
}

function tagOf(password: string, how: { salt: Buffer; length: number; parameters: Parameters }): Promise<Buffer> {
  // The same password typed on two keyboards may arrive composed differently (RFC 8265 asks for NFC).
  const message = password.normalize('NFC');
  return derive('argon2id', { message, nonce: how.salt, tagLength: how.length, ...how.parameters });
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
