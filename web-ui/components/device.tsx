import type { ActivityEntry } from '../../daemon/api/devices.ts';
import { RUNGS } from '../../daemon/api/mode.ts';
import type { DeviceView, RoomView } from '../../daemon/api/views.ts';
import type { AttributeName, Attributes } from '../../daemon/devices/device.ts';
import { useI18n, usePanel } from '../state/context.ts';
import { ATTRIBUTES } from '../state/select.ts';
import { Confirm } from './confirm.tsx';
import { AttributeValue, Why } from './why.tsx';

/** One device as whoever looks after it sees it: where it stands, what it obeys, what happened to it, and its end. */
export function Device({ device, rooms }: { device: DeviceView; rooms: readonly RoomView[] }) {
  const { actions } = usePanel();
  const { t, format } = useI18n();
  const { id, name, model, adapter, available } = device;
  const places = rooms.filter((room) => device.rooms.includes(room.id)).map((room) => room.name);
  const onToggle = ({ currentTarget }: { currentTarget: HTMLDetailsElement }): void => {
    if (currentTarget.open) void actions.loadActivity(id);
  };
  return (
    <li class="panel device" data-available={available}>
      <details onToggle={onToggle}>
        <summary>
          <span class="device-name">{name}</span>
          <span class="muted dots">
            <span>{available ? t('device.available') : t('devices.unavailable')}</span>
            <span>{places.length > 0 ? format.list(places) : t('device.no_room')}</span>
          </span>
        </summary>
        <p class="muted dots">
          {model && <span>{model}</span>}
          <span>{adapter}</span>
        </p>
        <p class="path">{id}</p>
        <Readings device={device} />
        <Why device={device} />
        <Places device={device} rooms={rooms} />
        <Obeys device={device} />
        <Activity device={device} />
        <Acts device={device} />
      </details>
    </li>
  );
}

function Readings({ device: { readings } }: { device: DeviceView }) {
  const { t, format } = useI18n();
  const { occupancy, illuminance } = readings;
  if (occupancy === undefined && illuminance === undefined) return null;
  return (
    <p class="dots">
      {occupancy !== undefined && <span>{t(occupancy ? 'device.occupied' : 'device.empty')}</span>}
      {illuminance !== undefined && <span>{t('value.lux', { value: format.number(illuminance) })}</span>}
    </p>
  );
}

function Places({ device, rooms }: { device: DeviceView; rooms: readonly RoomView[] }) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  const busy = store.pending.value.has(`place:${device.id}`);
  if (rooms.length === 0) return null;
  const toggle = (room: string, on: boolean): void => {
    const others = device.rooms.filter((each) => each !== room);
    void actions.placeDevice(device.id, on ? [...others, room] : others);
  };
  return (
    <fieldset class="choices" aria-busy={busy} disabled={busy}>
      <legend>{t('device.rooms')}</legend>
      {rooms.map((room) => (
        <label key={room.id}>
          <input
            type="checkbox"
            checked={device.rooms.includes(room.id)}
            onChange={({ currentTarget }) => toggle(room.id, currentTarget.checked)}
          />
          {room.name}
        </label>
      ))}
    </fieldset>
  );
}

/** `safety` is always heard, so it is no choice. */
const CHOSEN_RUNGS = RUNGS.filter((rung) => rung !== 'safety');

function Obeys({ device: { id, permissions } }: { device: DeviceView }) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  const allowed = permissions.rungs ?? CHOSEN_RUNGS;
  const busy = store.pending.value.has(`permit:${id}`);
  const toggle = (rung: (typeof CHOSEN_RUNGS)[number], on: boolean): void => {
    const next = CHOSEN_RUNGS.filter((each) => (each === rung ? on : allowed.includes(each)));
    void actions.permitDevice(id, { ...permissions, rungs: next.length === CHOSEN_RUNGS.length ? null : [...next] });
  };
  return (
    <fieldset class="choices" aria-busy={busy} disabled={busy}>
      <legend>{t('device.obeys')}</legend>
      {CHOSEN_RUNGS.map((rung) => (
        <label key={rung}>
          <input type="checkbox" checked={allowed.includes(rung)} onChange={({ currentTarget }) => toggle(rung, currentTarget.checked)} />
          {t(`rung.${rung}`)}
        </label>
      ))}
    </fieldset>
  );
}

function Activity({ device }: { device: DeviceView }) {
  const { store } = usePanel();
  const { t } = useI18n();
  const lines = store.activity.value.get(device.id) ?? [];
  return (
    <section aria-label={t('device.activity')}>
      <h3>{t('device.activity')}</h3>
      {lines.length === 0 ? (
        <p class="muted">{t('device.activity_none')}</p>
      ) : (
        <ol class="activity">
          {lines.map((line, i) => (
            <Line key={`${line.at} ${i}`} line={line} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Line({ line: { at, what, params } }: { line: ActivityEntry }) {
  const { t, code, format } = useI18n();
  return (
    <li>
      <time dateTime={new Date(at).toISOString()}>{format.dateTime(at)}</time>
      <span>
        {t(`activity.${what}`)}{' '}
        {what === 'failed' ? code(String(params.code), params) : what === 'button' ? button(params) : <Values params={params} />}
      </span>
    </li>
  );
}

const button = ({ button: number, action }: ActivityEntry['params']): string => `${String(number)}, ${String(action)}`;

function Values({ params }: { params: ActivityEntry['params'] }) {
  const { t } = useI18n();
  const named = ATTRIBUTES.filter((attribute) => attribute in params);
  return (
    <>
      {named.map((attribute, i) => (
        <span key={attribute}>
          {i > 0 && ', '}
          {t(`attribute.${attribute}`)} <AttributeValue attribute={attribute} value={parsed(attribute, params[attribute])} />
        </span>
      ))}
    </>
  );
}

/** A color is written as text in a line. */
function parsed(attribute: AttributeName, value: string | number | boolean | undefined): Attributes[AttributeName] {
  return attribute === 'color' && typeof value === 'string'
    ? (JSON.parse(value) as Attributes['color'])
    : (value as Attributes[AttributeName]);
}

function Acts({ device: { id, name, available } }: { device: DeviceView }) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  const pending = store.pending.value;
  return (
    <div class="acts">
      <button
        type="button"
        class="button"
        disabled={!available}
        aria-busy={pending.has(`identify:${id}`)}
        onClick={() => void actions.identifyDevice(id)}
      >
        {t('device.identify')}
      </button>
      <Confirm
        label={t('device.forget')}
        question={t('device.forget_question', { name })}
        busy={pending.has(`forget:${id}`)}
        onConfirm={() => void actions.forgetDevice(id)}
      />
    </div>
  );
}
