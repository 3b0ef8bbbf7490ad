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
        <Obeys device={device} rooms={rooms} />
        <Activity device={device} />
        <Acts device={device} />
      </details>
    </li>
  );
}

function Readings({ device: { readings } }: { device: DeviceView }) {
  const { t, format } = useI18n();
  const { occupancy, illuminance, temperature, battery } = readings;
  if (Object.keys(readings).length === 0) return null;
  return (
    <p class="dots">
      {occupancy !== undefined && <span>{t(occupancy ? 'device.occupied' : 'device.empty')}</span>}
      {illuminance !== undefined && <span>{t('value.lux', { value: format.number(illuminance) })}</span>}
      {temperature !== undefined && <span>{t('value.celsius', { value: format.number(temperature, 1) })}</span>}
      {battery !== undefined && <span>{t('device.battery', { share: format.percent(battery / 100) })}</span>}
    </p>
  );
}

function Places({ device, rooms }: { device: DeviceView; rooms: readonly RoomView[] }) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  if (rooms.length === 0) return null;
  return (
    <Choices
      legend={t('device.rooms')}
      all={rooms}
      chosen={device.rooms}
      busy={store.pending.value.has(`place:${device.id}`)}
      onChange={(next) => void actions.placeDevice(device.id, next ?? rooms.map(({ id }) => id))}
    />
  );
}

/** `safety` is always heard, so it is no choice. */
const CHOSEN_RUNGS = RUNGS.filter((rung) => rung !== 'safety');

/** Whom it obeys. What limits nothing is kept as no limit, so that it is none either for a room or rung to come. */
function Obeys({ device: { id, permissions }, rooms }: { device: DeviceView; rooms: readonly RoomView[] }) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  const busy = store.pending.value.has(`permit:${id}`);
  const rungs = CHOSEN_RUNGS.map((rung) => ({ id: rung, name: t(`rung.${rung}`) }));
  return (
    <>
      <Choices
        legend={t('device.obeys')}
        all={rungs}
        chosen={permissions.rungs}
        busy={busy}
        onChange={(next) => void actions.permitDevice(id, { ...permissions, rungs: next })}
      />
      {rooms.length > 0 && (
        <Choices
          legend={t('device.obeys_rooms')}
          all={rooms}
          chosen={permissions.rooms}
          busy={busy}
          onChange={(next) => void actions.permitDevice(id, { ...permissions, rooms: next })}
        />
      )}
    </>
  );
}

interface ChoicesProps<Id extends string> {
  legend: string;
  all: readonly { id: Id; name: string }[];
  /** Null: all of them. */
  chosen: readonly Id[] | null;
  busy: boolean;
  onChange: (chosen: Id[] | null) => void;
}

function Choices<Id extends string>({ legend, all, chosen, busy, onChange }: ChoicesProps<Id>) {
  const isChosen = (id: Id): boolean => chosen?.includes(id) ?? true;
  const toggle = (id: Id, on: boolean): void => {
    const next = all.flatMap((each) => ((each.id === id ? on : isChosen(each.id)) ? [each.id] : []));
    onChange(next.length === all.length ? null : next);
  };
  return (
    <fieldset class="choices" aria-busy={busy} disabled={busy}>
      <legend>{legend}</legend>
      {all.map(({ id, name }) => (
        <label key={id}>
          <input type="checkbox" checked={isChosen(id)} onChange={({ currentTarget }) => toggle(id, currentTarget.checked)} />
          {name}
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
