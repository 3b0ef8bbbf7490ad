import { useEffect, useRef } from 'preact/hooks';
import type { Clock } from '../../daemon/api/clock.ts';
import type { Broadcast } from '../capture/broadcast.ts';
import type { Choice } from '../capture/media.ts';
import type { Hindrance, OnAir } from '../capture/on-air.ts';
import type { I18n } from '../i18n/translate.ts';
import { LevelMeter } from './level-meter.tsx';

/** A red light and what it means. */
export function OnAirSign({ broadcast, i18n: { t } }: { broadcast: Broadcast; i18n: I18n }) {
  const { phase } = broadcast.state.value;
  const isMuted = phase === 'live' && broadcast.muted.value && hasSound(broadcast);
  return (
    <p class="on-air" data-phase={phase} role="status">
      <span class="on-air-light" aria-hidden="true" />
      {t(isMuted ? 'onair.muted' : `onair.${phase}`)}
    </p>
  );
}

/** Picture and level of what this device gives, from the page itself. */
export function Monitor({ broadcast, clock, i18n: { t } }: { broadcast: Broadcast; clock: Clock; i18n: I18n }) {
  const stream = broadcast.stream.value;
  if (!stream) return null;
  return (
    <div class="monitor">
      {stream.getVideoTracks().length > 0 && <Preview stream={stream} label={t('capture.preview')} />}
      {hasSound(broadcast) && <LevelMeter stream={stream} clock={clock} label={t('capture.level')} />}
    </div>
  );
}

export function MuteButton({ broadcast, i18n: { t } }: { broadcast: Broadcast; i18n: I18n }) {
  const muted = broadcast.muted.value;
  if (!hasSound(broadcast)) return null;
  return (
    <button type="button" class="button" aria-pressed={muted} onClick={() => broadcast.mute(!muted)}>
      {t(muted ? 'capture.unmute' : 'capture.mute')}
    </button>
  );
}

/** What a person may do where it does not come back by itself. */
export function ResumeButton({ broadcast, i18n: { t }, sensor = false }: { broadcast: Broadcast; i18n: I18n; sensor?: boolean }) {
  const state = broadcast.state.value;
  const target = broadcast.target.value;
  if (!target) return null;
  if (state.phase === 'busy') {
    return (
      <button type="button" class="button" data-kind="primary" onClick={() => broadcast.takeOver()}>
        {t('capture.take_over')}
      </button>
    );
  }
  if (sensor ? state.phase !== 'refused' || isRevoked(state.why) : state.phase !== 'refused' && state.phase !== 'off') return null;
  return (
    <button type="button" class="button" data-kind="primary" onClick={() => broadcast.start(target)}>
      {t('capture.again')}
    </button>
  );
}

/** Why it is not on air, and what happens next. */
export function Hindered({ state, i18n, sensor = false }: { state: OnAir; i18n: I18n; sensor?: boolean }) {
  const { t } = i18n;
  if (state.phase === 'off') return <p class="note">{t(sensor ? 'onair.off_hint_sensor' : 'onair.off_hint')}</p>;
  if (!('why' in state)) return null;
  return (
    <p class="note">
      {sensor && isRevoked(state.why) ? t('onair.revoked') : sentence(i18n, state.why)} {state.phase === 'waiting' && t('onair.retry')}
    </p>
  );
}

export function ChoiceFields({ choice, onChange, i18n: { t } }: { choice: Choice; onChange(choice: Choice): void; i18n: I18n }) {
  return (
    <div class="choice">
      <fieldset class="segments" aria-label={t('capture.camera')}>
        {(['front', 'back', 'none'] as const).map((camera) => (
          <label key={camera}>
            <input type="radio" name="camera" checked={choice.camera === camera} onChange={() => onChange({ ...choice, camera })} />
            <span>{t(`capture.camera_${camera}`)}</span>
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          checked={choice.microphone}
          onChange={({ currentTarget }) => onChange({ ...choice, microphone: currentTarget.checked })}
        />
        {t('capture.microphone')}
      </label>
    </div>
  );
}

function Preview({ stream, label }: { stream: MediaStream; label: string }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return <video ref={video} class="preview" aria-label={label} autoPlay muted playsInline />;
}

/** A sensor has nothing but its token. */
const isRevoked = ({ code }: Hindrance): boolean => code === 'auth.required';

const hasSound = ({ stream }: Broadcast): boolean => (stream.value?.getAudioTracks().length ?? 0) > 0;

const OWN = {
  'panel.denied': 'onair.denied',
  'panel.no_capture': 'onair.no_capture',
  'panel.capture_busy': 'onair.capture_busy',
  'panel.capture_ended': 'onair.capture_ended',
  'panel.no_connection': 'onair.no_connection',
  'panel.no_answer': 'error.offline',
} as const;

function sentence({ t, code }: I18n, why: Hindrance): string {
  const own = OWN[why.code as keyof typeof OWN];
  return own ? t(own) : code(why.code, why.params);
}
