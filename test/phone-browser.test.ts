import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { PanelBrowser } from './helpers/browser.ts';
import { COMMON, Daemon, PASSWORD } from './helpers/daemon.ts';
import { fakeDevices } from './helpers/fake-camera.ts';
import { needs } from './helpers/needs.ts';

/** In the page: publishes the camera and the microphone as RFC 9725 has it, by nothing but what a browser brings. */
const PUBLISH = `async ({ query, size }) => {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: size,
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const connection = new RTCPeerConnection();
  for (const track of stream.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
  await connection.setLocalDescription();
  const answer = await fetch('/api/sources/tablet/whip' + query, {
    method: 'POST', headers: { 'content-type': 'application/sdp' }, body: connection.localDescription.sdp,
  });
  if (answer.status !== 201) return { status: answer.status };
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  window.publishing = { connection, stream, session: answer.headers.get('location') };
  return { status: 201, session: answer.headers.get('location') };
}`;

suite(
  'Chromium sends its camera and microphone',
  needs('ffmpeg', 'chromium', 'models/manifest.json', 'media/astronaut.png', 'media/jfk.flac'),
  () => {
    let daemon: Daemon;
    let browser: PanelBrowser;

    before(async () => {
      daemon = await Daemon.start({
        config: `${COMMON}adapters: { virtual: {} }
rooms:
  den:
    sources: [{ id: tablet, kind: phone }]
    devices: [virtual:lamp]
`,
      });
      browser = await PanelBrowser.open(...fakeDevices());
      await browser.visit(`${daemon.url}/`);
      await browser.login(PASSWORD);
      await browser.page.getByRole('heading', { name: 'Rooms' }).waitFor();
    });

    after(async () => {
      await browser?.close();
      await daemon?.close();
    });

    const publish = (query = '', size = { width: 640, height: 480 }): Promise<{ status: number; session?: string }> =>
      browser.page.evaluate(`(${PUBLISH})(${JSON.stringify({ query, size })})`);
    const live = () => daemon.roomWhen('den', ({ sources }) => sources[0]?.state === 'live' && sources[0].rate > 0);

    test('from login to a mood of face and voice, and a lamp that follows', async () => {
      assert.equal((await publish()).status, 201);
      const heard = daemon.mood('den', ({ contributions }) => contributions.some(({ modality }) => modality === 'voice'));
      await daemon.mood('den', ({ label, emotion }) => label === 'cheerful' && emotion === 'happiness');
      assert.ok((await heard).contributions.every(({ source }) => source === 'tablet'));
      await daemon.deviceWhen('virtual:lamp', ({ why }) =>
        (why.brightness ?? []).some(({ wins, reason }) => wins && reason.code === 'reason.mood'),
      );
    });

    test('a page that is reloaded finds its own session held, and takes over', async () => {
      await browser.page.reload();
      assert.equal((await publish()).status, 409);
      assert.equal((await publish('?takeOver=true')).status, 201);
      await live();
    });

    test('what it sends may change its size', async () => {
      await browser.page.evaluate('publishing.stream.getVideoTracks()[0].applyConstraints({ width: 320, height: 240 })');
      await live();
      const since = Date.now();
      await daemon.mood('den', ({ at, contributions }) => at > since && contributions.some(({ modality }) => modality === 'face'));
      assert.doesNotMatch(daemon.output, /read_failed/);
    });

    test('sensing off ends the connection, and the page is told by its session', async () => {
      await daemon.put('/api/sensing', { on: false });
      const patched = await browser.page.evaluate(
        `fetch(publishing.session, { method: 'PATCH', headers: { 'if-match': '*', 'content-type': 'application/trickle-ice-sdpfrag' }, body: 'a=mid:0' }).then(({ status }) => status)`,
      );
      assert.equal(patched, 404);
      assert.equal((await publish()).status, 403);
      await daemon.put('/api/sensing', { on: true });
      assert.equal((await publish()).status, 201);
      await live();
      assert.deepEqual(browser.faults, []);
    });

    test('ended by DELETE, the source waits for the next', async () => {
      const status = await browser.page.evaluate(`fetch(publishing.session, { method: 'DELETE' }).then(({ status }) => status)`);
      assert.equal(status, 200);
      await daemon.roomWhen('den', ({ sources }) => sources[0]?.state === 'waiting' && sources[0].publisher === undefined);
    });
  },
);
