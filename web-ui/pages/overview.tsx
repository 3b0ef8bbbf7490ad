import { PageTitle } from '../components/page-title.tsx';
import { Problems } from '../components/problems.tsx';
import { RoomCard } from '../components/room-card.tsx';
import { usePanel } from '../state/context.ts';
import { listedProblems } from '../state/select.ts';

export function Overview() {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const house = store.house.value;
  if (!house) return null;
  const safe = house.config.state === 'safe';
  return (
    <>
      <PageTitle text={t('overview.title')} />
      {house.rooms.length === 0 && (
        <div class="empty">
          <p>{t('overview.empty')}</p>
          <p class="muted">{t(safe ? 'overview.empty_safe' : 'overview.empty_hint', { file: house.config.file })}</p>
        </div>
      )}
      <div class="rooms">
        {house.rooms.map((room) => (
          <RoomCard key={room.id} house={house} room={room} />
        ))}
      </div>
      <Problems problems={listedProblems(house)} />
    </>
  );
}
