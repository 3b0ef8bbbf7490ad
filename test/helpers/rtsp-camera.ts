import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Journal } from './journal.ts';

/** Debian's Python, whose packages bring GStreamer's bindings. */
const PYTHON = '/usr/bin/python3';

export interface RtspCameraOptions {
  /** MP4, or MPEG-TS, which may change its resolution on the way */
  file: string;
  auth?: { user: string; password: string };
  /** How often the film is shown, then the stream ends; once where it is MPEG-TS. */
  times?: number;
  /** A place in the film, s, whose sending is told. */
  mark?: number;
}

export interface RtspCamera {
  /** With the login in it, where one is required. */
  url: string;
  /** When the mark was sent, mono ms, once for each client. */
  marked: Journal<number>;
  /** As a camera that loses power. */
  close(): Promise<void>;
}

/** Options for a test that needs `startRtspCamera`: skipped, with the reason, where GStreamer's RTSP server is not installed. */
export function needsRtspCamera(): { skip?: string } {
  const there = existsSync(PYTHON) && globSync('/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib').length > 0;
  if (there || process.env.ROOMTONE_NO_SKIP === '1') return {};
  return { skip: 'needs python3-gi, gir1.2-gst-rtsp-server-1.0 and the GStreamer plugins' };
}

/** A camera on a free port of loopback; every client sees the film from its beginning. */
export async function startRtspCamera({ file, auth, times = 40, mark }: RtspCameraOptions): Promise<RtspCamera> {
  const dir = await mkdtemp(join(tmpdir(), 'roomtone-rtsp-'));
  const film = file.endsWith('.ts') ? file : join(dir, 'film.mp4');
  if (film !== file) {
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-stream_loop', String(times - 1), '-i', file, '-c', 'copy', film]);
  }
  const script = fileURLToPath(new URL('./rtsp-camera.py', import.meta.url));
  const login = auth ? ['--login', auth.user, auth.password] : [];
  const server = spawn(PYTHON, [script, film, ...login, ...(mark === undefined ? [] : ['--mark', String(mark)])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const close = () => stop(server, dir);
  try {
    const marked = new Journal<number>();
    const lines = new Journal<string>();
    const ended = once(server, 'exit').then(() => Promise.reject(new Error('the RTSP server ended before it served')));
    createInterface(server.stdout).on('line', (line) => (lines.last === undefined ? lines.add(line) : marked.add(Number(line))));
    const url = await Promise.race([lines.first(() => true), ended]);
    ended.catch(() => {});
    return {
      url: auth ? url.replace('//', `//${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.password)}@`) : url,
      close,
      marked,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function stop(server: ChildProcess, dir: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  await rm(dir, { recursive: true, force: true });
}
