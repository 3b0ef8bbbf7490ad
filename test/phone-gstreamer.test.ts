import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMON, Daemon } from './helpers/daemon.ts';
import { needs, shared } from './helpers/needs.ts';

const PYTHON = '/usr/bin/python3';
const MODULES = `import gi
for name in ("Gst", "GstWebRTC", "GstSdp"): gi.require_version(name, "1.0")
from gi.repository import Gst, GstWebRTC, GstSdp
Gst.init(None)
assert all(map(Gst.ElementFactory.find, ("webrtcbin", "nicesrc", "vp8enc", "opusenc", "dtlssrtpenc")))`;

/** Debian 12 has no whipclientsink (gst-plugins-rs), but the webrtcbin that it is made of. */
function needsWebrtcbin(): { skip?: string } {
  const { status } = spawnSync(PYTHON, ['-c', MODULES]);
  if (status === 0 || process.env.ROOMTONE_NO_SKIP === '1') return {};
  return {
    skip: 'needs GStreamer with webrtcbin: apt install gstreamer1.0-plugins-bad gstreamer1.0-nice gir1.2-gst-plugins-bad-1.0 python3-gi',
  };
}

test('GStreamer sends a face, and says goodbye', {
  ...needs('models/manifest.json', 'media/astronaut.png'),
  ...needsWebrtcbin(),
}, async (t) => {
  const daemon = await Daemon.start({ config: `${COMMON}rooms: { den: { sources: [{ id: tablet, kind: phone }] } }\n` });
  t.after(() => daemon.close());
  const { token } = await daemon.post<{ token: string }>('/api/sources/tablet/tokens', { name: 'GStreamer' });
  const args = [`${daemon.url}/api/sources/tablet/whip`, token, shared('media/astronaut.png')];
  const device = spawn(PYTHON, [join(import.meta.dirname, 'helpers/whip-gstreamer.py'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => device.kill('SIGKILL'));
  const mood = await daemon.mood('den', ({ contributions }) => contributions.some(({ modality }) => modality === 'face'));
  assert.equal(mood.people, 1);
  const { sources } = await daemon.room('den');
  assert.equal(sources[0]?.publisher?.name, 'GStreamer');
  const ended = once(device, 'exit');
  device.stdin.end();
  await daemon.roomWhen('den', ({ sources: [tablet] }) => tablet?.state === 'waiting' && tablet.problem === null);
  assert.deepEqual(await ended, [0, null]);
});
