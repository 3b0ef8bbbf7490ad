import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import type { Frame } from '../../daemon/senses/perception/frame.ts';

/** Frames of a picture or video as the camera capture gives them, scaled to fit a frame of this size, the rest black. */
export async function decodeFrames(file: string, options: { width: number; height: number; fps?: number }): Promise<Frame[]> {
  const { width, height, fps = 5 } = options;
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height},fps=${fps}`;
  const data = await ffmpeg(['-i', file, '-vf', fit, '-pix_fmt', 'gbrp', '-f', 'rawvideo', '-']);
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
  const bytes = await ffmpeg(['-i', file, '-vn', '-ac', '1', '-ar', '16000', '-f', 's16le', '-']);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}

async function ffmpeg(args: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [bytes, code] = await Promise.all([buffer(child.stdout), new Promise((resolve) => child.once('close', resolve))]);
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return new Uint8Array(bytes);
}
