import { useEffect } from 'preact/hooks';
import { Route, Router, useLocation } from 'preact-iso';
import { Devices } from './pages/devices.tsx';
import { House } from './pages/house.tsx';
import { Missing } from './pages/missing.tsx';
import { Models } from './pages/models.tsx';
import { Music } from './pages/music.tsx';
import { Overview } from './pages/overview.tsx';
import { RoomPage } from './pages/room.tsx';
import { Zigbee } from './pages/zigbee.tsx';
import { paths, patterns } from './paths.ts';

export function Routes() {
  return (
    <Router onRouteChange={focusHeading}>
      <Route path={patterns.overview} component={Overview} />
      <Route path={patterns.room} component={RoomPage} />
      <Route path={patterns.house} component={House} />
      <Route path={patterns.devices} component={Devices} />
      <Route path={patterns.music} component={Music} />
      <Route path={patterns.models} component={Models} />
      <Route path={patterns.zigbee} component={Zigbee} />
      <Route path={patterns.setup} component={ToOverview} />
      <Route default component={Missing} />
    </Router>
  );
}

/** The set-up link, opened again once a password exists. */
function ToOverview() {
  const { route } = useLocation();
  useEffect(() => route(paths.overview, true), [route]);
  return null;
}

// Without a page load, screen readers and the keyboard would stay where the link was.
function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}
