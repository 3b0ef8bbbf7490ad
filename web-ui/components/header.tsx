import { useLocation } from 'preact-iso';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';
import { ToneMark } from './tone-mark.tsx';

/** Characters from which on a name takes several lines on a phone. */
const LONG = 12;

export function Header() {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const { path } = useLocation();
  const name = store.house.value?.hub.name ?? '';
  const hasPlayers = store.house.value?.devices.some(({ capabilities }) => capabilities.transport) ?? false;
  const current = (href: string) => (path === href ? ({ 'aria-current': 'page' } as const) : {});
  return (
    <header class="header">
      <div class="header-row">
        <a class="brand" href={paths.overview}>
          <ToneMark size={28} mood="calm" confidence={0.62} />
          <span class="brand-name" data-long={name.length > LONG}>
            {name}
          </span>
        </a>
        <Pulse />
        <nav class="nav" aria-label={t('nav.label')}>
          <a href={paths.overview} {...current(paths.overview)}>
            {t('nav.rooms')}
          </a>
          <a href={paths.devices} {...current(paths.devices)}>
            {t('nav.devices')}
          </a>
          {hasPlayers && (
            <a href={paths.music} {...current(paths.music)}>
              {t('nav.music')}
            </a>
          )}
          <a href={paths.house} {...current(paths.house)}>
            {t('nav.house')}
          </a>
        </nav>
        <SensingButton />
      </div>
    </header>
  );
}

function Pulse() {
  const { store } = usePanel();
  const { phase } = store.connection.value;
  return (
    <span class="pulse" data-phase={phase}>
      <span class="visually-hidden">{store.i18n.value.t(`connection.${phase}`)}</span>
    </span>
  );
}

/** Always within reach. It shows what the hub said, never what was merely asked for. */
function SensingButton() {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const on = store.house.value?.sensing ?? false;
  const waiting = store.pending.value.has('sensing');
  return (
    <button type="button" class="sensing" data-on={on} aria-busy={waiting} onClick={() => void actions.setSensing(!on)}>
      <span class="sensing-eye" aria-hidden="true" />
      {t(on ? 'sensing.stop' : 'sensing.start')}
    </button>
  );
}
