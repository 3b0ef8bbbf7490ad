import type { HouseView, RoomView } from '../../daemon/api/views.ts';
import { Feedback } from '../components/feedback.tsx';
import { Lamp } from '../components/lamp.tsx';
import { LinkedDevices } from '../components/linked-devices.tsx';
import { MoodPanel } from '../components/mood-panel.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Player } from '../components/player.tsx';
import { Ambience, ModePicker, Scenes, Suggestion } from '../components/room-controls.tsx';
import { Sources } from '../components/sources.tsx';
import { Tell } from '../components/tell.tsx';
import { UseDevice } from '../components/use-device.tsx';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';
import { devicesOf, isHeld, roomById } from '../state/select.ts';
import { Missing } from './missing.tsx';

export function RoomPage({ params }: { params: { room: string } }) {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const house = store.house.value;
  const room = house && roomById(house, params.room);
  if (!house || !room) return <Missing />;
  return (
    <>
      <a class="back" href={paths.overview}>
        {t('nav.back')}
      </a>
      <PageTitle text={room.name} />
      <div class="room">
        <div class="room-main">
          <MoodPanel room={room} />
          <Suggestion house={house} room={room} />
          <Feedback room={room} />
          <Tell house={house} room={room} />
          <Scenes house={house} room={room} />
          <Devices house={house} room={room} />
        </div>
        <div class="room-side">
          <Ambience room={room} />
          <ModePicker room={room} />
          <UseDevice house={house} room={room} />
          <Sources house={house} room={room} />
          <LinkedDevices house={house} room={room} />
        </div>
      </div>
    </>
  );
}

function Devices({ house, room }: { house: HouseView; room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const devices = devicesOf(house, room);
  const held = devices.filter(isHeld).length;
  return (
    <section class="room-devices" aria-labelledby="devices-title">
      <h2 id="devices-title">{t('devices.title')}</h2>
      {devices.length === 0 && <p class="muted">{t('devices.none')}</p>}
      {held > 0 && (
        <div class="held">
          <p>{t('devices.held', { count: held })}</p>
          <button
            type="button"
            class="button"
            aria-busy={store.pending.value.has(`resume:${room.id}`)}
            onClick={() => void actions.resume(room.id)}
          >
            {t('devices.resume')}
          </button>
        </div>
      )}
      <ul class="lamps">
        {devices.map((device) =>
          device.capabilities.transport ? (
            <Player key={device.id} house={house} device={device} />
          ) : (
            <Lamp key={device.id} device={device} />
          ),
        )}
      </ul>
    </section>
  );
}
