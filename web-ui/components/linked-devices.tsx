import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { HouseView, RoomView } from '../../daemon/api/views.ts';
import type { TokenView } from '../api/client.ts';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';
import { Confirm } from './confirm.tsx';
import { NameForm } from './name-form.tsx';
import { Qr } from './qr.tsx';

interface Link {
  name: string;
  url: string;
}

/** Devices that may send to this room and do nothing else: who they are, how to add one, how to end one. */
export function LinkedDevices({ house, room }: { house: HouseView; room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const link = useSignal<Link | null>(null);
  useEffect(() => void actions.loadTokens(), [actions]);
  const own = new Set(room.sources.map(({ id }) => id));
  const tokens = (store.tokens.value ?? []).filter(({ source }) => source !== null && own.has(source));
  return (
    <section class="linked panel" aria-labelledby="linked-title">
      <h2 id="linked-title">{t('linked.title')}</h2>
      <p class="muted">{t('linked.meaning')}</p>
      {tokens.length > 0 && (
        <ul class="linked-list">
          {tokens.map((token) => (
            <Linked key={token.id} token={token} room={room} />
          ))}
        </ul>
      )}
      {link.value ? (
        <ShownLink link={link.value} house={house} onDone={() => (link.value = null)} />
      ) : (
        <MakeLink house={house} room={room} onMade={(made) => (link.value = made)} />
      )}
    </section>
  );
}

function Linked({ token, room }: { token: TokenView; room: RoomView }) {
  const { store, actions } = usePanel();
  const { t, format } = store.i18n.value;
  const { id, name, source, lastUsedAt } = token;
  const sends = room.sources.some((each) => each.id === source && each.publisher?.name === name);
  const seen = lastUsedAt === null ? t('linked.unused') : t('linked.used', { time: format.relative(lastUsedAt, store.hubNow.value) });
  return (
    <li>
      <div>
        <p>{name}</p>
        <p class="muted dots">
          <span>{t('linked.to', { source: source ?? '' })}</span>
          <span>{sends ? t('linked.sends') : seen}</span>
        </p>
      </div>
      <Confirm
        label={t('linked.revoke')}
        question={t('linked.revoke_question', { name })}
        busy={store.pending.value.has(`token:${id}`)}
        onConfirm={() => void actions.revokeToken(id)}
      />
    </li>
  );
}

function MakeLink({ house, room, onMade }: { house: HouseView; room: RoomView; onMade(link: Link): void }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const address = addressFor(house);
  if (address === null)
    return <p class="note">{t(house.https ? 'capture.insecure_alone' : 'capture.insecure_off', { file: house.config.file })}</p>;
  const make = async (name: string): Promise<void> => {
    const source = await actions.readyPhone(room.id);
    const token = source === null ? null : await actions.admitDevice(source, name);
    if (token !== null) onMade({ name, url: `${address}${paths.sensor}#${token}` });
  };
  return (
    <NameForm
      label={t('linked.name')}
      example={t('linked.example')}
      act={t('linked.make')}
      busy={store.pending.value.has(`phone:${room.id}`)}
      onName={(name) => void make(name)}
    />
  );
}

function ShownLink({ link: { name, url }, house: { https }, onDone }: { link: Link; house: HouseView; onDone(): void }) {
  const { t } = usePanel().store.i18n.value;
  const copied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(url);
    copied.value = true;
  };
  return (
    <div class="shown-link">
      <p>{t('linked.scan', { name })}</p>
      <Qr text={url} label={t('linked.qr')} />
      <p class="path">{url}</p>
      {https?.own && <p class="note">{t('capture.fingerprint', { fingerprint: https.fingerprint })}</p>}
      <div class="acts">
        {window.isSecureContext && (
          <button type="button" class="button" onClick={() => void copy()}>
            {t(copied.value ? 'linked.copied' : 'linked.copy')}
          </button>
        )}
        <button type="button" class="button" onClick={onDone}>
          {t('linked.done')}
        </button>
      </div>
    </div>
  );
}

/** Where another device finds the hub: where this page came from, if that can be reached from elsewhere. Null where nothing can. */
function addressFor({ https }: HouseView): string | null {
  return location.protocol === 'https:' && !isLoopback(location.hostname) ? location.origin : (https?.addresses[0] ?? null);
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.');
