import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Clock } from '../../daemon/api/clock.ts';
import type { Broadcast } from '../capture/broadcast.ts';
import { type Choice, canCapture } from '../capture/media.ts';
import type { Sensor } from '../capture/sensor.ts';
import { ConfirmIn } from '../components/confirm.tsx';
import { ChoiceFields, Hindered, Monitor, MuteButton, OnAirSign, ResumeButton } from '../components/on-air.tsx';
import { ToneMark } from '../components/tone-mark.tsx';
import type { I18n } from '../i18n/translate.ts';

/** How far this browser is on its way to being a sensor. */
export type Setup = { step: 'none' } | { step: 'join'; token: string } | { step: 'running'; sensor: Sensor };

export interface SensorPageProps {
  setup: Signal<Setup>;
  broadcast: Broadcast;
  clock: Clock;
  i18n: I18n;
  onJoin(token: string, choice: Choice): void;
  onForget(): void;
}

/** ms without a touch after which the screen goes dark. */
const DIM_AFTER = 30_000;

/** What a device shows that is a sensor and nothing else. */
export function SensorPage(props: SensorPageProps) {
  const { setup, i18n } = props;
  const { t } = i18n;
  const at = setup.value;
  if (!canCapture()) return <Message i18n={i18n} title={t('sensor.title')} text={t('capture.insecure')} />;
  switch (at.step) {
    case 'none':
      return <Message i18n={i18n} title={t('sensor.none')} text={t('sensor.none_hint')} />;
    case 'join':
      return <Join {...props} token={at.token} />;
    case 'running':
      return <Running {...props} sensor={at.sensor} />;
  }
}

function Message({ i18n, title, text }: { i18n: I18n; title: string; text: string }) {
  return (
    <main class="door">
      <ToneMark size={72} />
      <Title i18n={i18n} text={title} />
      <p>{text}</p>
    </main>
  );
}

function Join({ token, i18n, onJoin }: SensorPageProps & { token: string }) {
  const { t } = i18n;
  const choice = useSignal<Choice>({ camera: 'front', microphone: true });
  return (
    <main class="door">
      <ToneMark size={72} mood="calm" confidence={0.62} />
      <Title i18n={i18n} text={t('sensor.join')} />
      <p>{t('sensor.join_hint')}</p>
      <ChoiceFields choice={choice.value} onChange={(next) => (choice.value = next)} i18n={i18n} />
      <p>{t('capture.why')}</p>
      <button
        type="button"
        class="button"
        data-kind="primary"
        disabled={choice.value.camera === 'none' && !choice.value.microphone}
        onClick={() => onJoin(token, choice.value)}
      >
        {t('capture.go')}
      </button>
    </main>
  );
}

function Running({ sensor, broadcast, clock, i18n, onForget }: SensorPageProps & { sensor: Sensor }) {
  const { t, format } = i18n;
  const state = broadcast.state.value;
  const view = sensor.view.value;
  const dim = useDimming(clock, state.phase === 'live');
  const reads = view?.reads ?? [];
  return (
    <main class="sensor" data-phase={state.phase}>
      <Title i18n={i18n} text={view ? t('sensor.room', { room: view.room }) : t('sensor.title')} />
      <OnAirSign broadcast={broadcast} i18n={i18n} />
      {!sensor.reached.value && <p class="note">{t('sensor.unreached')}</p>}
      <Hindered state={state} i18n={i18n} sensor />
      <Monitor broadcast={broadcast} clock={clock} i18n={i18n} />
      {state.phase === 'live' && (
        <p>
          {reads.length > 0
            ? t('capture.reads', { what: format.list(reads.map((modality) => t(`modality.${modality}`))) })
            : t('capture.reads_nothing')}
        </p>
      )}
      <div class="acts">
        <MuteButton broadcast={broadcast} i18n={i18n} />
        <ResumeButton broadcast={broadcast} i18n={i18n} sensor />
        {state.phase === 'live' && (
          <button type="button" class="button" onClick={() => (dim.value = true)}>
            {t('sensor.dim')}
          </button>
        )}
        <ConfirmIn i18n={i18n} label={t('sensor.forget')} question={t('sensor.forget_question')} onConfirm={onForget} />
      </div>
      {dim.value && (
        <button type="button" class="dimmed" aria-label={t('sensor.wake')} onClick={() => (dim.value = false)}>
          <span class="on-air-light" aria-hidden="true" />
        </button>
      )}
    </main>
  );
}

/** Dark once nobody touched it for a while and all is well; what is wrong is shown. */
function useDimming(clock: Clock, isWell: boolean): Signal<boolean> {
  const dim = useSignal(false);
  useEffect(() => {
    dim.value = false;
    if (!isWell) return;
    let timer = clock.after(DIM_AFTER, () => (dim.value = true));
    const wait = (): void => {
      timer.cancel();
      timer = clock.after(DIM_AFTER, () => (dim.value = true));
    };
    document.addEventListener('pointerdown', wait);
    document.addEventListener('keydown', wait);
    return () => {
      timer.cancel();
      document.removeEventListener('pointerdown', wait);
      document.removeEventListener('keydown', wait);
    };
  }, [clock, dim, isWell]);
  return dim;
}

function Title({ i18n, text }: { i18n: I18n; text: string }) {
  useEffect(() => {
    document.title = `${text} · ${i18n.t('app.name')}`;
  }, [i18n, text]);
  return <h1 class="page-title">{text}</h1>;
}
