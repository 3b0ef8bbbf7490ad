import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Debian's Python, whose packages bring GStreamer's bindings. */
const PYTHON = '/usr/bin/python3';
const LOOPS = 40;

export interface RtspCamera {
  /** With the login in it, where one is required. */
  url: string;
  /** As a camera that loses power. */
  close(): Promise<void>;
}

/** Options for a test that needs `startRtspCamera`: skipped, with the reason, where GStreamer's RTSP server is not installed. */
export function needsRtspCamera(): { skip?: string } {
  const there = existsSync(PYTHON) && globSync('/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib').length > 0;
  if (there || process.env.ROOMTONE_NO_SKIP === '1') return {};
  return { skip: 'needs python3-gi, gir1.2-gst-rtsp-server-1.0 and the GStreamer plugins' };
}

/** A camera on a free port of loopback that shows the MP4 file 40 times, then ends. */
export async function startRtspCamera({ file, auth }: { file: string; auth?: { user: string; password: string } }): Promise<RtspCamera> {
  const dir = await mkdtemp(join(tmpdir(), 'roomtone-rtsp-'));
  const long = join(dir, 'long.mp4');
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-stream_loop', String(LOOPS - 1), '-i', file, '-c', 'copy', long]);
  const login = auth ? [auth.user, auth.password] : [];
  const script = fileURLToPath(new URL('./rtsp-camera.py', import.meta.url));
  const server = spawn(PYTHON, [script, long, ...login], { stdio: ['pipe', 'pipe', 'inherit'] });
  const close = () => stop(server, dir);
  try {
    const url = await firstLine(server);
    return { url: auth ? url.replace('//', `//${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.password)}@`) : url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstLine(server: ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> }): Promise<string> {
  for await (const line of createInterface(server.stdout)) return line;
  throw new Error('the RTSP server ended before it served');
}

async function stop(server: ChildProcess, dir: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  await rm(dir, { recursive: true, force: true });
}
