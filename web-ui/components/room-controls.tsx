import { useId } from 'preact/hooks';
import { MODES } from '../../daemon/api/mode.ts';
import type { HouseView, RoomView } from '../../daemon/api/views.ts';
import { usePanel } from '../state/context.ts';
import { roomStatus } from '../state/select.ts';
import { Switch } from './switch.tsx';

export function ModePicker({ room }: { room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const group = useId();
  return (
    <fieldset class="modes panel">
      <legend>{t('mode.title')}</legend>
      {MODES.map((mode) => (
        <label key={mode} class="mode">
          <input type="radio" name={group} checked={room.mode === mode} onChange={() => void actions.setMode(room.id, mode)} />
          <span>
            <span class="mode-name">{t(`mode.${mode}`)}</span>
            <span class="muted">{t(`mode.${mode}_meaning`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

export function Scenes({ house, room }: { house: HouseView; room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const suited = roomStatus(house, room) === 'read' ? room.moodScene : null;
  return (
    <section class="scenes panel" aria-labelledby="scenes-title" aria-busy={store.pending.value.has(`scene:${room.id}`)}>
      <h2 id="scenes-title">{t('scenes.title')}</h2>
      {house.scenes.length === 0 && <p class="muted">{t('scenes.none')}</p>}
      <div class="scene-buttons">
        {house.scenes.map(({ id, name }) => (
          <button key={id} type="button" class="scene" aria-pressed={room.scene === id} onClick={() => void actions.setScene(room.id, id)}>
            {name}
            {suited === id && room.scene !== id && <span class="scene-note">{t('scenes.by_mood')}</span>}
          </button>
        ))}
      </div>
      {room.scene !== null && (
        <button type="button" class="button" onClick={() => void actions.setScene(room.id, null)}>
          {t('scenes.end')}
        </button>
      )}
    </section>
  );
}

/** In mode `suggest` the hub asks before it acts. */
export function Suggestion({ house, room }: { house: HouseView; room: RoomView }) {
  const { store, actions } = usePanel();
  const { t, locale } = store.i18n.value;
  const offered = house.scenes.find(({ id }) => id === room.moodScene);
  if (room.mode !== 'suggest' || !room.mood || !offered || room.scene === offered.id || roomStatus(house, room) !== 'read') return null;
  const mood = t(`mood.${room.mood.label}`).toLocaleLowerCase(locale);
  return (
    <section class="suggestion panel" data-mood={room.mood.label} aria-label={t('suggestion.title')}>
      <p>{t('suggestion.text', { mood, scene: offered.name })}</p>
      <button type="button" class="button" data-kind="primary" onClick={() => void actions.setScene(room.id, offered.id)}>
        {t('suggestion.accept', { scene: offered.name })}
      </button>
    </section>
  );
}

export function Ambience({ room }: { room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  return (
    <section class="ambience panel">
      <div>
        <h2>{t('ambience.title')}</h2>
        <p class="muted">{t('ambience.meaning')}</p>
      </div>
      <Switch label={t('ambience.title')} on={room.ambience} onToggle={(on) => void actions.setAmbience(room.id, on)} />
    </section>
  );
}
