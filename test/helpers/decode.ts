import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Frame } from '../../daemon/senses/perception/frame.ts';

/** Frames of a picture or video as the camera capture gives them, scaled to fit a frame of this size, the rest black. */
export async function decodeFrames(file: string, options: { width: number; height: number; fps?: number }): Promise<Frame[]> {
  const { width, height, fps = 5 } = options;
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height},fps=${fps}`;
  const [data = new Uint8Array()] = await ffmpeg(['-i', file, '-vf', fit, '-pix_fmt', 'gbrp', '-f', 'rawvideo', `pipe:${FIRST_PIPE}`], 1);
  const size = width * height * 3;
  return Array.from({ length: data.length / size }, (_, i) => ({
    data: data.subarray(i * size, (i + 1) * size),
    width,
    height,
    at: (i * 1000) / fps,
  }));
}

/** The one frame of a picture. */
export async function decodePicture(file: string, size: { width: number; height: number }): Promise<Frame> {
  const [frame] = await decodeFrames(file, { ...size, fps: 25 });
  if (!frame) throw new Error(`${file} has no picture`);
  return frame;
}

/** Samples of a sound file, 16 kHz mono, as the microphone capture gives them. */
export async function decodeSound(file: string): Promise<Int16Array> {
  return (await decodeSounds([file]))[0] as Int16Array;
}

/** As `decodeSound`, many files in one go: ffmpeg takes longer to start than to decode a short one. */
export async function decodeSounds(files: readonly string[]): Promise<Int16Array[]> {
  const inputs = files.flatMap((file) => ['-i', file]);
  const outputs = files.flatMap((_, i) => ['-map', `${i}:a`, '-ac', '1', '-ar', '16000', '-f', 's16le', `pipe:${FIRST_PIPE + i}`]);
  return (await ffmpeg([...inputs, ...outputs], files.length)).map(
    (bytes) => new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2),
  );
}

/** The first file descriptor after standard input, output and error. */
const FIRST_PIPE = 3;

/** @returns what ffmpeg writes into each of so many pipes */
async function ffmpeg(args: string[], pipes: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const outputs = Array.from({ length: pipes }, () => 'pipe' as const);
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...args], { stdio: ['ignore', 'ignore', 'inherit', ...outputs] });
  const closed = once(child, 'close');
  const all = await Promise.all(child.stdio.slice(FIRST_PIPE).map((pipe) => buffer(pipe as Readable)));
  const [code] = await closed;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return all.map((bytes) => new Uint8Array(bytes));
}
