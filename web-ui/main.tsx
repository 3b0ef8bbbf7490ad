import { effect } from '@preact/signals';
import { render } from 'preact';
import { type Clock, systemClock } from '../daemon/api/clock.ts';
import { Client } from './api/client.ts';
import { App } from './app.tsx';
import { Broadcast } from './capture/broadcast.ts';
import { openCapture } from './capture/media.ts';
import { WakeLock } from './capture/wake-lock.ts';
import { publicationsBy } from './capture/whip.ts';
import { paths } from './paths.ts';
import { showSensor } from './show-sensor.tsx';
import { Actions } from './state/actions.ts';
import { PanelContext } from './state/context.ts';
import { asTold, withNetwork } from './state/meshes.ts';
import { reduce } from './state/reduce.ts';
import { createStore } from './state/store.ts';
import { LiveStream } from './state/stream.ts';
import { reduceTrails } from './state/trail.ts';

// Timers and wall clock are the same everywhere; a browser's monotonic clock has another name.
const clock: Clock = { ...systemClock, mono: () => performance.now() };

function showPanel(root: HTMLElement): void {
  const store = createStore({ now: clock.wall(), browserLanguages: navigator.languages });

  const signOut = (): void => {
    store.session.value = 'signed-out';
  };

  const client = new Client({
    fetch: (input, init) => fetch(input, init),
    onSignedOut: signOut,
    onServerTime(at) {
      const skew = at - clock.wall();
      // The header counts whole seconds; smaller differences are its rounding and the way of the answer.
      store.clockSkew.value = Math.abs(skew) < 2000 ? 0 : skew;
    },
  });

  const stream = new LiveStream({
    clock,
    random: Math.random,
    open: () => new EventSource('/api/live'),
    probe: async () => (await client.session()).authenticated,
    onSignedOut: signOut,
    onConnection(connection) {
      store.connection.value = connection;
    },
    onEvent(event) {
      store.house.value = reduce(store.house.value, event);
      store.trails.value = reduceTrails(store.trails.value, event);
      if (event.type !== 'mesh') return;
      const { adapter, ...view } = event.data;
      store.networks.value = withNetwork(store.networks.value, asTold(adapter, view, clock.wall()));
    },
  });

  const actions = new Actions({ client, store, clock });

  const broadcast = new Broadcast({
    clock,
    random: Math.random,
    persistent: false,
    open: openCapture,
    connect: publicationsBy({ fetch: (input, init) => fetch(input, init), clock }),
  });

  effect(() => {
    if (store.session.value === 'signed-in') stream.start();
    else {
      stream.close();
      broadcast.stop();
      store.house.value = null;
      store.trails.value = new Map();
      store.networks.value = new Map();
    }
  });

  effect(() => {
    const house = store.house.value;
    const target = broadcast.target.value?.source;
    const source = house?.rooms.flatMap(({ sources }) => sources).find(({ id }) => id === target);
    if (house && source) broadcast.heard(source, house.sensing);
  });

  const wakeLock = new WakeLock();
  effect(() => wakeLock.want(broadcast.state.value.phase === 'live'));

  effect(() => {
    document.documentElement.lang = store.i18n.value.locale;
  });

  clock.every(1000, () => {
    if (document.visibilityState === 'visible') store.now.value = clock.wall();
  });

  const lookAgain = (): void => {
    if (document.visibilityState !== 'visible') return;
    store.now.value = clock.wall();
    stream.retryNow();
    stream.check();
    wakeLock.renew();
    broadcast.retryNow();
  };
  document.addEventListener('visibilitychange', lookAgain);
  window.addEventListener('online', lookAgain);
  window.addEventListener('pagehide', () => broadcast.stop());

  render(
    <PanelContext.Provider value={{ store, actions, stream, broadcast, clock }}>
      <App />
    </PanelContext.Provider>,
    root,
  );
  void actions.findSession();
}

const root = document.getElementById('panel');
if (root) {
  if (location.pathname === paths.sensor) showSensor(root, clock);
  else showPanel(root);
}
