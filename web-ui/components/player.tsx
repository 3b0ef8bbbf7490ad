import type { DeviceView, HouseView } from '../../daemon/api/views.ts';
import type { Attributes } from '../../daemon/devices/device.ts';
import { useI18n, usePanel } from '../state/context.ts';
import { companyOf } from '../state/select.ts';
import { Holds } from './holds.tsx';
import { Slider } from './slider.tsx';
import { Why } from './why.tsx';

/** A player of a room: what plays, with whom, how loud. */
export function Player({ house, device }: { house: HouseView; device: DeviceView }) {
  const { t, format } = useI18n();
  const { name, available } = device;
  const others = companyOf(house, device).filter(({ id }) => id !== device.id);
  return (
    <li class="lamp player panel" data-available={available}>
      <div class="player-head">
        <div>
          <h3>{name}</h3>
          <NowPlaying device={device} />
          {others.length > 0 && <p class="muted">{t('player.with', { names: format.list(others.map((each) => each.name)) })}</p>}
        </div>
        {available && <TransportButtons device={device} />}
      </div>
      <Holds device={device} />
      {available && <Volume device={device} />}
      {available && <Favorites device={device} />}
      <Why device={device} />
    </li>
  );
}

/** What plays, in the player's own words, or that it is silent. */
export function NowPlaying({ device: { values, readings, available } }: { device: DeviceView }) {
  const { t } = useI18n();
  if (!available) return <p class="muted">{t('devices.unavailable')}</p>;
  const { title = '', artist, album } = readings.playing ?? {};
  const what = [title || t('player.untitled'), artist, album].filter(Boolean);
  if (values.transport === 'playing') {
    return (
      <p class="dots now-playing">
        {what.map((each) => (
          <span key={each}>{each}</span>
        ))}
      </p>
    );
  }
  return (
    <p class="muted dots">
      <span>{t('player.silent')}</span>
      {title && <span>{title}</span>}
    </p>
  );
}

/** Silence is told apart from pausing nowhere: what plays is paused, and what does not, plays. */
export function TransportButtons({ device }: { device: DeviceView }) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  const { id, name, values, capabilities } = device;
  const plays = values.transport === 'playing';
  const busy = store.pending.value.has(`skip:${id}`);
  const skip = (to: 'next' | 'previous') => (
    <button
      type="button"
      class="transport"
      aria-label={t(`player.${to}`, { device: name })}
      aria-busy={busy}
      disabled={!plays}
      onClick={() => void actions.skip(id, to)}
    >
      <Glyph of={to} />
    </button>
  );
  return (
    <div class="transports">
      {capabilities.skip && skip('previous')}
      <button
        type="button"
        class="transport"
        data-kind="main"
        aria-label={t(plays ? 'player.pause' : 'player.play', { device: name })}
        onClick={() => void actions.setDevice(id, { transport: plays ? 'paused' : 'playing' })}
      >
        <Glyph of={plays ? 'pause' : 'play'} />
      </button>
      {capabilities.skip && skip('next')}
    </div>
  );
}

const GLYPHS = {
  play: 'M7 4.5v15l12-7.5z',
  pause: 'M6.5 5h4v14h-4zM13.5 5h4v14h-4z',
  next: 'M5 5v14l10-7zM16 5h3v14h-3z',
  previous: 'M19 5v14L9 12zM5 5h3v14H5z',
} as const;

const Glyph = ({ of }: { of: keyof typeof GLYPHS }) => (
  <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
    <path d={GLYPHS[of]} fill="currentColor" />
  </svg>
);

export function Volume({ device, label }: { device: DeviceView; label?: string }) {
  const { actions } = usePanel();
  const { t, format } = useI18n();
  const { id, name, values, capabilities } = device;
  const wish = (attributes: Attributes): void => void actions.setDevice(id, attributes);
  if (!capabilities.volume) return null;
  return (
    <div class="volume">
      <Slider
        label={label ?? t('attribute.volume')}
        min={0}
        max={100}
        value={values.volume ?? 0}
        text={(value) => format.percent(value / 100)}
        onWish={(volume) => wish({ volume })}
      />
      {capabilities.mute && (
        <button
          type="button"
          class="button"
          aria-pressed={values.mute === true}
          aria-label={t('player.mute', { device: name })}
          onClick={() => wish({ mute: values.mute !== true })}
        >
          {t(values.mute ? 'player.muted' : 'player.sounds')}
        </button>
      )}
    </div>
  );
}

/** Choosing one plays it. */
export function Favorites({ device }: { device: DeviceView }) {
  const { actions } = usePanel();
  const { t } = useI18n();
  const { id, values, capabilities } = device;
  const list = capabilities.favorite?.list ?? [];
  if (list.length === 0) return null;
  return (
    <details class="favorites">
      <summary>{t('player.favorites')}</summary>
      <ul>
        {list.map((favorite) => (
          <li key={favorite.id}>
            <button
              type="button"
              class="favorite"
              aria-current={values.favorite === favorite.id && values.transport === 'playing'}
              onClick={() => void actions.setDevice(id, { favorite: favorite.id, transport: 'playing' })}
            >
              <span>{favorite.name}</span>
              {favorite.kind && favorite.kind !== 'favorite' && <span class="muted">{t(`player.${favorite.kind}`)}</span>}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
