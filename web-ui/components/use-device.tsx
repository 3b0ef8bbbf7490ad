import { useSignal } from '@preact/signals';
import type { HouseView, RoomView, SourceView } from '../../daemon/api/views.ts';
import { EVERYTHING, keep } from '../capture/keeping.ts';
import { type Choice, canCapture } from '../capture/media.ts';
import { isCapturing } from '../capture/on-air.ts';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';
import { NameForm } from './name-form.tsx';
import { ChoiceFields, Hindered, Monitor, MuteButton, OnAirSign, ResumeButton } from './on-air.tsx';

/** The quickest way to real input: the device in hand becomes camera and microphone of the room. */
export function UseDevice({ house, room }: { house: HouseView; room: RoomView }) {
  const { store, broadcast } = usePanel();
  const { t } = store.i18n.value;
  const target = broadcast.target.value;
  const source = room.sources.find(({ id }) => id === target?.source);
  const state = broadcast.state.value;
  return (
    <section class="capture panel" aria-labelledby="capture-title" data-phase={source ? state.phase : 'idle'}>
      <h2 id="capture-title">{t('capture.title')}</h2>
      {!canCapture() ? (
        <Insecure house={house} />
      ) : source && state.phase !== 'idle' ? (
        <OnAirHere room={room} source={source} />
      ) : isCapturing(state) ? (
        <Elsewhere house={house} />
      ) : (
        <Offer room={room} />
      )}
    </section>
  );
}

/** Says why before the browser asks whether. */
function Offer({ room }: { room: RoomView }) {
  const { store, actions, broadcast } = usePanel();
  const i18n = store.i18n.value;
  const { t } = i18n;
  const isOpen = useSignal(false);
  const choice = useSignal<Choice>(EVERYTHING);
  if (!isOpen.value) {
    return (
      <>
        <p class="muted">{t('capture.meaning')}</p>
        <button type="button" class="button" data-kind="primary" onClick={() => (isOpen.value = true)}>
          {t('capture.use')}
        </button>
      </>
    );
  }
  const go = async (): Promise<void> => {
    const source = await actions.readyPhone(room.id);
    if (source !== null) broadcast.start({ source, choice: choice.value });
  };
  return (
    <>
      <ChoiceFields choice={choice.value} onChange={(next) => (choice.value = next)} i18n={i18n} />
      <p>{t('capture.why')}</p>
      <p class="muted">{t('capture.why_on')}</p>
      <div class="acts">
        <button
          type="button"
          class="button"
          data-kind="primary"
          disabled={choice.value.camera === 'none' && !choice.value.microphone}
          aria-busy={store.pending.value.has(`phone:${room.id}`)}
          onClick={() => void go()}
        >
          {t('capture.go')}
        </button>
        <button type="button" class="button" onClick={() => (isOpen.value = false)}>
          {t('capture.cancel')}
        </button>
      </div>
    </>
  );
}

function OnAirHere({ room, source }: { room: RoomView; source: SourceView }) {
  const { store, broadcast, clock } = usePanel();
  const i18n = store.i18n.value;
  const { t } = i18n;
  const state = broadcast.state.value;
  const isOver = state.phase === 'off' || state.phase === 'refused';
  return (
    <>
      <OnAirSign broadcast={broadcast} i18n={i18n} />
      <Hindered state={state} i18n={i18n} />
      <Monitor broadcast={broadcast} clock={clock} i18n={i18n} />
      {state.phase === 'live' && <Reads room={room} source={source} />}
      <div class="acts">
        <MuteButton broadcast={broadcast} i18n={i18n} />
        <ResumeButton broadcast={broadcast} i18n={i18n} />
        <button type="button" class="button" onClick={() => broadcast.stop()}>
          {t(isOver ? 'app.close' : 'capture.stop')}
        </button>
      </div>
      {state.phase === 'live' && <Keep source={source.id} />}
    </>
  );
}

/** What comes out at the other end, live. */
function Reads({ room, source }: { room: RoomView; source: SourceView }) {
  const { t, format } = usePanel().store.i18n.value;
  const read = (room.mood?.contributions ?? []).filter((each) => each.source === source.id);
  const what = format.list(read.map(({ modality, weight }) => `${t(`modality.${modality}`)} ${format.percent(weight)}`));
  return (
    <div class="reads">
      <p>{read.length > 0 ? t('capture.reads', { what }) : t('capture.reads_nothing')}</p>
      <p class="muted">{t('capture.pictures', { rate: format.number(source.rate, 1) })}</p>
    </div>
  );
}

function Elsewhere({ house }: { house: HouseView }) {
  const { store, broadcast } = usePanel();
  const { t } = store.i18n.value;
  const room = house.rooms.find(({ sources }) => sources.some(({ id }) => id === broadcast.target.value?.source));
  return (
    <>
      <p>{t('capture.elsewhere', { room: room?.name ?? '' })}</p>
      <button type="button" class="button" onClick={() => broadcast.stop()}>
        {t('capture.stop')}
      </button>
    </>
  );
}

function Keep({ source }: { source: string }) {
  const { store, actions, broadcast } = usePanel();
  const { t } = store.i18n.value;
  const keepAs = async (name: string): Promise<void> => {
    const choice = broadcast.target.value?.choice ?? EVERYTHING;
    const token = await actions.admitDevice(source, name);
    if (token === null) return;
    keep(localStorage, { token, choice });
    broadcast.stop();
    location.assign(paths.sensor);
  };
  return (
    <details class="keep">
      <summary>{t('capture.keep')}</summary>
      <p class="muted">{t('capture.keep_meaning')}</p>
      <NameForm
        label={t('capture.keep_name')}
        example={t('capture.keep_example')}
        act={t('capture.keep')}
        busy={store.pending.value.has(`admit:${source}`)}
        onName={(name) => void keepAs(name)}
      />
    </details>
  );
}

function Insecure({ house: { https, config } }: { house: HouseView }) {
  const { t } = usePanel().store.i18n.value;
  const { file } = config;
  return (
    <>
      <p>{t('capture.insecure')}</p>
      {!https && <p class="note">{t('capture.insecure_off', { file })}</p>}
      {https && https.addresses.length === 0 && <p class="note">{t('capture.insecure_alone', { file })}</p>}
      {https && https.addresses.length > 0 && (
        <>
          <p>{t('capture.insecure_at')}</p>
          <ul>
            {https.addresses.map((address) => (
              <li key={address}>
                <a href={address}>{address}</a>
              </li>
            ))}
          </ul>
          {https.own && <p class="note">{t('capture.fingerprint', { fingerprint: https.fingerprint })}</p>}
        </>
      )}
    </>
  );
}
