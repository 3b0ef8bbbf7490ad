import type { HouseView, RoomView } from '../../daemon/api/views.ts';
import { paths } from '../paths.ts';
import { useI18n } from '../state/context.ts';
import { roomStatus } from '../state/select.ts';
import { Occupancy } from './occupancy.tsx';
import { ToneMark } from './tone-mark.tsx';

export function RoomCard({ house, room }: { house: HouseView; room: RoomView }) {
  const { t, locale } = useI18n();
  const status = roomStatus(house, room);
  const mood = status === 'read' ? room.mood : null;
  const scene = room.scenes.find(({ id }) => id === room.scene);
  return (
    <a class="room-card panel" href={paths.room(room.id)} data-mood={mood?.label ?? 'none'}>
      <ToneMark size={64} mood={mood?.label} confidence={mood?.confidence} />
      <div class="room-card-body">
        <h2>{room.name}</h2>
        <p class="room-card-mood">{status === 'read' ? mood && t(`mood.${mood.label}`) : t(`status.${status}`)}</p>
        {mood && (
          <p class="mood-line dots">
            <span>{t('mood.mostly', { emotion: t(`emotion.${mood.emotion}`).toLocaleLowerCase(locale) })}</span>
            <Occupancy mood={mood} />
          </p>
        )}
      </div>
      <p class="room-card-foot">
        {mood?.demo && <span class="badge">{t('app.demo')}</span>}
        {room.mode !== 'auto' && <span class="badge">{t(`mode.${room.mode}`)}</span>}
        {scene && <span class="badge">{scene.name}</span>}
        {room.suggestion && <span class="badge">{t('suggestion.title')}</span>}
        <SourceHealth room={room} />
      </p>
    </a>
  );
}

function SourceHealth({ room }: { room: RoomView }) {
  const { t } = useI18n();
  const count = room.sources.length;
  if (count === 0) return null;
  const live = room.sources.filter(({ state }) => state === 'live' || state === 'demo').length;
  const troubled = room.sources.some(({ problem }) => problem !== null);
  return (
    <span class="health" data-health={troubled ? 'troubled' : live > 0 ? 'well' : 'idle'}>
      {t('sources.live', { count, live })}
    </span>
  );
}
