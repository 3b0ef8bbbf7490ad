import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shared } from './needs.ts';

/**
 * A film of one face (the NASA portrait of Eileen Collins, public domain), made by ffmpeg: 16:9, the camera drifting
 * slowly, so that every frame differs, a key frame every `keyEvery` seconds. With `sound`, speech goes with it. Lies in a
 * temporary folder.
 */
export function film(options: {
  seconds: number;
  fps: number;
  width?: number;
  height?: number;
  sound?: boolean;
  keyEvery?: number;
}): string {
  const { seconds, fps, width = 640, height = 360, sound = false, keyEvery = 1 } = options;
  const file = join(mkdtempSync(join(tmpdir(), 'roomtone-film-')), 'film.mp4');
  const drift = `crop=w=in_w*0.9:h=in_w*0.9*${height}/${width}:x=(in_w-out_w)/2*(1+sin(t)):y=0,scale=${width}:${height},fps=${fps},format=yuv420p`;
  const audio = sound ? ['-stream_loop', '-1', '-i', shared('media/jfk.flac')] : [];
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-loop', '1', '-framerate', String(fps), '-i', shared('media/astronaut.png'), ...audio],
    ...['-vf', drift, '-c:v', 'libx264', '-preset', 'veryfast', '-g', String(fps * keyEvery), '-t', String(seconds)],
    ...(sound ? ['-c:a', 'aac', '-ac', '1'] : ['-an']),
    ...['-y', file],
  ]);
  return file;
}

/**
 * A happy face (the portrait) and a neutral one (a president) in turn, `seconds` each, in the same place and of the same
 * size, so that they are taken for one person whose face changes.
 */
export function alternatingFilm(options: { turns: number; seconds: number; fps: number }): string {
  const { turns, seconds, fps } = options;
  const file = join(mkdtempSync(join(tmpdir(), 'roomtone-film-')), 'turns.mp4');
  const pictures = [
    ['astronaut.png', 'crop=480:270:16+10*sin(3*t):0,scale=640:360'],
    ['biden.jpg', 'scale=340:-1,pad=700:840:110:29,crop=640:360:30+10*sin(3*t):0'],
  ] as const;
  const inputs = pictures.flatMap(([picture]) => [
    '-loop',
    '1',
    '-framerate',
    String(fps),
    '-t',
    String(seconds),
    '-i',
    shared(`media/${picture}`),
  ]);
  const shaped = pictures.map(([, place], index) => `[${index}:v]${place},setsar=1,format=yuv420p[p${index}]`).join(';');
  const frames = 2 * seconds * fps;
  execFileSync('ffmpeg', [
    ...['-v', 'error', ...inputs, '-filter_complex', `${shaped};[p0][p1]concat=n=2:v=1:a=0,loop=${turns - 1}:${frames}[v]`],
    ...['-map', '[v]', '-c:v', 'libx264', '-preset', 'veryfast', '-g', String(fps), '-y', file],
  ]);
  return file;
}

/** A film that is all one grey, of one size after the other, `seconds` each: what a camera gives whose resolution is changed. */
export function filmOfSizes(sizes: readonly string[], options: { seconds: number; fps: number }): string {
  const { seconds, fps } = options;
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-film-'));
  const parts = sizes.map((size, index) => {
    const part = join(dir, `${index}.ts`);
    const picture = ['-f', 'lavfi', '-i', `color=gray:size=${size}:rate=${fps}`, '-t', String(seconds)];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'veryfast', '-g', String(fps), part]);
    return readFileSync(part);
  });
  const file = join(dir, 'sizes.ts');
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

export interface EmptyRoomOptions {
  seconds: number;
  fps?: number;
  /** 1 as photographed; .25 at dusk */
  light?: number;
  /** Seconds between key frames */
  keyEvery?: number;
  /** When a person comes in, and stays, s from the beginning; nobody does unless it is given. */
  entryAt?: number;
}

/** A home interior without people at 1280x720, with the noise of a sensor in every frame, as a camera with 2 Mbit/s sends it. */
export function emptyRoom({ seconds, fps = 15, light = 1, keyEvery = 1, entryAt }: EmptyRoomOptions): string {
  const file = join(mkdtempSync(join(tmpdir(), 'roomtone-film-')), 'room.mp4');
  const picture = (path: string): string[] => ['-loop', '1', '-framerate', String(fps), '-t', String(seconds), '-i', shared(path)];
  const room = '[0:v]scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720,setsar=1[room]';
  const person = `[1:v]crop=300:400:70:0,scale=-2:480[person];[room][person]overlay=x=500:y=200:enable='gte(t,${entryAt})'[scene]`;
  const sensor = `lutyuv=y=16+(val-16)*${light},format=yuv420p,noise=alls=${light < 1 ? 14 : 8}:allf=t`;
  const scene = entryAt === undefined ? `${room};[room]${sensor}` : `${room};${person};[scene]${sensor}`;
  const inputs = [
    ...picture('datasets/photos-facefree/100_bathroom.jpg'),
    ...(entryAt === undefined ? [] : picture('media/astronaut.png')),
  ];
  const rate = ['-b:v', '2M', '-maxrate', '2M', '-bufsize', '2M', '-g', String(fps * keyEvery), '-bf', '0', '-sc_threshold', '0'];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    ...inputs,
    '-filter_complex',
    scene,
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    ...rate,
    '-y',
    file,
  ]);
  return file;
}
