import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import type { Clock } from '../daemon/api/clock.ts';
import { Broadcast } from './capture/broadcast.ts';
import { forget, keep, kept, tokenOf } from './capture/keeping.ts';
import { type Choice, openCapture } from './capture/media.ts';
import { Sensor } from './capture/sensor.ts';
import { WakeLock } from './capture/wake-lock.ts';
import { publicationsBy } from './capture/whip.ts';
import { pickLocale } from './i18n/format.ts';
import { createI18n, LANGUAGES } from './i18n/translate.ts';
import { SensorPage, type Setup } from './pages/sensor.tsx';

/** The page of a device that is a sensor and nothing else: no session, no view of the house, only its token. */
export function showSensor(root: HTMLElement, clock: Clock): void {
  const locale = pickLocale(navigator.language, { browser: navigator.languages, known: LANGUAGES });
  const i18n = createI18n({ locale, nameOf: () => undefined });
  document.documentElement.lang = locale;

  const fetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);
  let token = '';
  const broadcast = new Broadcast({
    clock,
    random: Math.random,
    persistent: true,
    open: openCapture,
    connect: publicationsBy({ fetch, clock, token: () => token }),
  });
  const setup = signal<Setup>({ step: 'none' });

  const run = (choice: Choice): void => {
    const sensor = new Sensor({ fetch, clock, token, broadcast, choice });
    setup.value = { step: 'running', sensor };
    sensor.start();
  };

  const stop = (): void => {
    if (setup.value.step === 'running') setup.value.sensor.close();
  };

  const invited = tokenOf(location.hash);
  const known = kept(localStorage);
  // A token does not stay where shoulders look and histories remember.
  if (invited !== null) history.replaceState(null, '', location.pathname);
  if (invited !== null && invited !== known?.token) {
    setup.value = { step: 'join', token: invited };
  } else if (known) {
    token = known.token;
    run(known.choice);
  }

  const wakeLock = new WakeLock();
  effect(() => wakeLock.want(broadcast.state.value.phase === 'live'));

  const lookAgain = (): void => {
    if (document.visibilityState !== 'visible') return;
    wakeLock.renew();
    broadcast.retryNow();
    if (setup.value.step === 'running') void setup.value.sensor.ask();
  };
  document.addEventListener('visibilitychange', lookAgain);
  window.addEventListener('online', lookAgain);
  // A set-up link that is opened in a tab which shows this page already.
  window.addEventListener('hashchange', () => location.reload());
  window.addEventListener('pagehide', stop);
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

  render(
    <SensorPage
      setup={setup}
      broadcast={broadcast}
      clock={clock}
      i18n={i18n}
      onJoin={(joined, choice) => {
        token = joined;
        keep(localStorage, { token, choice });
        run(choice);
      }}
      onForget={() => {
        stop();
        forget(localStorage);
        setup.value = { step: 'none' };
      }}
    />,
    root,
  );
}
