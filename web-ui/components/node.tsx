import { useSignal } from '@preact/signals';
import type { DeviceView } from '../../daemon/api/views.ts';
import type { JoiningStep, MeshNode } from '../../daemon/devices/mesh.ts';
import { paths } from '../paths.ts';
import { useI18n, usePanel } from '../state/context.ts';
import { bars, isLow, STEPS } from '../state/meshes.ts';
import { Confirm } from './confirm.tsx';
import { NameForm } from './name-form.tsx';

interface NodeProps {
  adapter: string;
  node: MeshNode;
}

/** A piece of hardware in a network: how it is heard, how far it is on its way in, and what can be done with it. */
export function Node({ adapter, node }: NodeProps) {
  const { t } = useI18n();
  const { id, name, vendor, model, available, joining } = node;
  const isThere = available || joining !== undefined;
  return (
    <li class="panel device node" data-available={isThere}>
      <details>
        <summary>
          <span class="device-name">{name}</span>
          <Health node={node} />
        </summary>
        {(vendor || model) && <p class="muted">{[vendor, model].filter(Boolean).join(' ')}</p>}
        <p class="path">{id}</p>
        <p class="muted dots">
          <span>{t(`mesh.power_${node.power}`)}</span>
          {node.linkQuality !== undefined && <span>{t(`mesh.signal_${bars(node.linkQuality)}`, { value: node.linkQuality })}</span>}
        </p>
        <Places node={node} />
        <NameForm
          key={name}
          label={t('mesh.name')}
          example={t('mesh.name_example')}
          initial={name}
          act={t('mesh.rename')}
          busy={useBusy(`rename:${id}`)}
          onName={useRename(adapter, id)}
        />
        <Acts adapter={adapter} node={node} />
      </details>
      {joining && <Progress step={joining} name={name} />}
    </li>
  );
}

const useBusy = (name: string): boolean => usePanel().store.pending.value.has(name);

function useRename(adapter: string, node: string): (name: string) => void {
  const { actions } = usePanel();
  return (name) => void actions.renameNode(adapter, node, name);
}

/** What whoever looks after a network wants to see of each device at once. */
function Health({ node: { available, joining, linkQuality, battery, lastSeen } }: { node: MeshNode }) {
  const { store } = usePanel();
  const { t, format } = useI18n();
  return (
    <span class="muted dots node-health">
      {joining === undefined && !available && <strong>{t('devices.unavailable')}</strong>}
      {linkQuality !== undefined && <Strength linkQuality={linkQuality} />}
      {battery !== undefined && <span data-low={isLow(battery)}>{t('device.battery', { share: format.percent(battery / 100) })}</span>}
      {lastSeen !== undefined && (
        <span>{t('mesh.heard', { when: format.relative(Math.min(lastSeen, store.hubNow.value), store.hubNow.value) })}</span>
      )}
      {lastSeen === undefined && joining === undefined && <span>{t('mesh.unheard')}</span>}
    </span>
  );
}

function Strength({ linkQuality }: { linkQuality: number }) {
  const { t, format } = useI18n();
  const strength = bars(linkQuality);
  const words = t(`mesh.signal_${strength}`, { value: format.number(linkQuality) });
  return (
    <span class="node-signal" title={words}>
      <svg viewBox="0 0 18 14" width="18" height="14" aria-hidden="true">
        {([1, 2, 3, 4] as const).map((bar) => (
          <rect key={bar} x={(bar - 1) * 4.8} y={14 - bar * 3.4} width="3.4" height={bar * 3.4} rx="1" data-on={bar <= strength} />
        ))}
      </svg>
      <span class="visually-hidden">{words}</span>
    </span>
  );
}

/** The steps of a way in, the one under way marked; one that failed says so instead. */
function Progress({ step, name }: { step: JoiningStep; name: string }) {
  const { t } = useI18n();
  if (step === 'failed') {
    return (
      <p role="status" class="note">
        {t('mesh.step_failed')}
      </p>
    );
  }
  return (
    <>
      <p role="status" class="visually-hidden">
        {t('mesh.step_of', { name, step: t(`mesh.step_${step}`) })}
      </p>
      <ol class="node-steps" aria-hidden="true">
        {STEPS.map((each) => (
          <li key={each} data-done={STEPS.indexOf(each) < STEPS.indexOf(step)} data-now={each === step}>
            {t(`mesh.step_${each}`)}
          </li>
        ))}
      </ol>
    </>
  );
}

/** What it is to the house, and where. */
function Places({ node }: { node: MeshNode }) {
  const { store } = usePanel();
  const { t, format } = useI18n();
  const devices = useDevices(node);
  if (devices.length === 0) return node.joining || node.devices.length > 0 ? null : <p class="muted">{t('mesh.useless')}</p>;
  const rooms = store.house.value?.rooms.filter(({ id }) => devices.some((device) => device.rooms.includes(id))) ?? [];
  const where = rooms.length > 0 ? format.list(rooms.map(({ name }) => name)) : t('device.no_room');
  return (
    <p class="dots">
      <span>{where}</span>
      <a href={paths.devices}>{t(rooms.length > 0 ? 'mesh.places' : 'mesh.place')}</a>
    </p>
  );
}

function useDevices({ devices }: MeshNode): DeviceView[] {
  const house = usePanel().store.house.value;
  return devices.flatMap((id) => house?.devices.find((device) => device.id === id) ?? []);
}

function Acts({ adapter, node }: NodeProps) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  const devices = useDevices(node);
  const pending = store.pending.value;
  return (
    <div class="acts">
      {devices.map(({ id, name, available }) => (
        <button
          key={id}
          type="button"
          class="button"
          disabled={!available}
          aria-busy={pending.has(`identify:${id}`)}
          onClick={() => void actions.identifyDevice(id)}
        >
          {devices.length > 1 ? t('mesh.identify', { name }) : t('device.identify')}
        </button>
      ))}
      <button
        type="button"
        class="button"
        aria-busy={pending.has(`interview:${node.id}`)}
        aria-describedby={`interview-${node.id}`}
        onClick={() => void actions.interviewNode(adapter, node.id)}
      >
        {t('mesh.interview')}
      </button>
      <Remove adapter={adapter} node={node} />
      <p id={`interview-${node.id}`} class="muted">
        {t(node.power === 'battery' ? 'mesh.interview_asleep' : 'mesh.interview_meaning')}
      </p>
    </div>
  );
}

/** One that cannot be told that it is out can be removed all the same, once it is known what that means. */
function Remove({ adapter, node }: NodeProps) {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  const isUntold = useSignal(false);
  const busy = store.pending.value.has(`remove:${node.id}`);
  const { name } = node;
  const remove = async (force: boolean): Promise<void> => {
    isUntold.value = !(await actions.removeNode(adapter, node, force));
  };
  return isUntold.value ? (
    <Confirm
      key="force"
      label={t('mesh.force')}
      question={t('mesh.force_question', { name })}
      busy={busy}
      onConfirm={() => void remove(true)}
    />
  ) : (
    <Confirm
      key="ask"
      label={t('mesh.remove')}
      question={t('mesh.remove_question', { name })}
      busy={busy}
      onConfirm={() => void remove(false)}
    />
  );
}
