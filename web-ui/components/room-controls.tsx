import { useId } from 'preact/hooks';
import { MODES } from '../../daemon/api/mode.ts';
import type { HouseView, RoomView } from '../../daemon/api/views.ts';
import { usePanel } from '../state/context.ts';
import { roomStatus } from '../state/select.ts';
import { Slider } from './slider.tsx';
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
      {room.scenes.length === 0 && <p class="muted">{t('scenes.none')}</p>}
      <div class="scene-buttons">
        {room.scenes.map(({ id, name }) => (
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
      <OwnScenes room={room} />
    </section>
  );
}

/** Scenes of the room alone, and the way back to those of the house. */
function OwnScenes({ room }: { room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const own = room.scenes.filter((scene) => scene.own);
  if (own.length === 0) return null;
  return (
    <details class="own-scenes">
      <summary>{t('scenes.own', { count: own.length })}</summary>
      <ul>
        {own.map(({ id, name }) => (
          <li key={id}>
            <span>{name}</span>
            <button
              type="button"
              class="button"
              aria-busy={store.pending.value.has(`reset:${room.id}/${id}`)}
              onClick={() => void actions.resetScene(room.id, id)}
            >
              {t('scenes.reset')}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** In mode `suggest` the hub asks before it acts. */
export function Suggestion({ house, room }: { house: HouseView; room: RoomView }) {
  const { store, actions } = usePanel();
  const { t, locale } = store.i18n.value;
  const { suggestion, mood } = room;
  const offered = room.scenes.find(({ id }) => id === suggestion?.scene);
  if (!suggestion || !offered) return null;
  const isByMood = suggestion.by === 'mood';
  if (isByMood && (!mood || roomStatus(house, room) !== 'read')) return null;
  const felt = mood ? t(`mood.${mood.label}`).toLocaleLowerCase(locale) : '';
  return (
    <section class="suggestion panel" data-mood={mood?.label ?? 'none'} aria-label={t('suggestion.title')}>
      <p>{isByMood ? t('suggestion.text', { mood: felt, scene: offered.name }) : t('suggestion.by_clock', { scene: offered.name })}</p>
      <button
        type="button"
        class="button"
        data-kind="primary"
        aria-busy={store.pending.value.has(`scene:${room.id}`)}
        onClick={() => void actions.acceptSuggestion(room.id)}
      >
        {t('suggestion.accept', { scene: offered.name })}
      </button>
    </section>
  );
}

export function Ambience({ room }: { room: RoomView }) {
  const { store, actions } = usePanel();
  const { t, format } = store.i18n.value;
  return (
    <section class="ambience panel">
      <div class="ambience-head">
        <div>
          <h2>{t('ambience.title')}</h2>
          <p class="muted">{t('ambience.meaning')}</p>
        </div>
        <Switch label={t('ambience.title')} on={room.ambience} onToggle={(on) => void actions.setAmbience(room.id, on)} />
      </div>
      {room.ambience && (
        <Slider
          label={t('ambience.intensity')}
          min={0}
          max={100}
          step={5}
          value={room.intensity}
          text={(percent) => format.percent(percent / 100)}
          onWish={(intensity) => void actions.setIntensity(room.id, intensity)}
        />
      )}
    </section>
  );
}
