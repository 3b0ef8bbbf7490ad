import { useLocation } from 'preact-iso';
import { isCapturing } from '../capture/on-air.ts';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';
import { MuteButton } from './on-air.tsx';

/** On every page but the room's own, so that nobody forgets that this device is on air. */
export function OnAirBanner() {
  const { store, broadcast } = usePanel();
  const i18n = store.i18n.value;
  const { path } = useLocation();
  const room = store.house.value?.rooms.find(({ sources }) => sources.some(({ id }) => id === broadcast.target.value?.source));
  if (!room || !isCapturing(broadcast.state.value) || path === paths.room(room.id)) return null;
  return (
    <section class="banner" data-kind="on-air">
      <p role="status">
        <span class="on-air-light" aria-hidden="true" />
        <a href={paths.room(room.id)}>{i18n.t('onair.banner', { room: room.name })}</a>
      </p>
      <MuteButton broadcast={broadcast} i18n={i18n} />
      <button type="button" class="button" onClick={() => broadcast.stop()}>
        {i18n.t('capture.stop')}
      </button>
    </section>
  );
}
