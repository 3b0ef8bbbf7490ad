import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shared } from './needs.ts';

/** Chromium's arguments for a camera that shows a smiling face and a microphone that hears speech, with nobody asked for leave. */
export function fakeDevices(): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-capture-'));
  const [video, audio] = [join(dir, 'face.y4m'), join(dir, 'speech.wav')];
  // Raw and slow: of MJPEG, Chromium decodes thirty frames a second whatever the file says.
  const face = 'crop=448:336:32+8*sin(3*t):8,scale=640:480,fps=8,format=yuv420p';
  const picture = ['-loop', '1', '-framerate', '8', '-i', shared('media/astronaut.png'), '-vf', face, '-t', '6'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, '-y', video]);
  execFileSync('ffmpeg', ['-v', 'error', '-i', shared('media/jfk.flac'), '-ac', '1', '-ar', '48000', '-y', audio]);
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${video}`,
    `--use-file-for-fake-audio-capture=${audio}`,
  ];
}
