import type { DeviceView } from '../../daemon/api/views.ts';
import { Device } from '../components/device.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Pairing } from '../components/pair.tsx';
import { paths } from '../paths.ts';
import { useI18n, usePanel } from '../state/context.ts';

/** What belongs to no room yet comes first: it waits for somebody to place it. */
const byPlace = (a: DeviceView, b: DeviceView): number =>
  Math.min(1, a.rooms.length) - Math.min(1, b.rooms.length) || a.name.localeCompare(b.name);

export function Devices() {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const house = store.house.value;
  if (!house) return null;
  return (
    <>
      <PageTitle text={t('devices.page')} />
      <div class="devices-page">
        <div class="devices-side">
          <Pairing />
          <NetworkLink />
        </div>
        {house.devices.length === 0 ? (
          <p class="panel muted">{t('devices.none_at_all')}</p>
        ) : (
          <ul class="device-list">
            {[...house.devices].sort(byPlace).map((device) => (
              <Device key={device.id} device={device} rooms={house.rooms} />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

/** Where an adapter keeps a radio network. */
function NetworkLink() {
  const { store } = usePanel();
  const { t } = useI18n();
  if (!store.adapters.value?.some(({ mesh }) => mesh)) return null;
  return (
    <section class="panel" aria-labelledby="mesh-title">
      <h2 id="mesh-title">{t('mesh.title')}</h2>
      <p class="muted">{t('mesh.meaning')}</p>
      <a class="button" href={paths.zigbee}>
        {t('mesh.open')}
      </a>
    </section>
  );
}
