import type { DeviceView } from '../../daemon/api/views.ts';
import { usePanel } from '../state/context.ts';
import { holdsOf } from '../state/select.ts';

/** What a person's hand holds, until when, and how to end or keep that. */
export function Holds({ device }: { device: DeviceView }) {
  const { store, actions } = usePanel();
  const { t, format, locale } = store.i18n.value;
  const now = store.hubNow.value;
  const holds = holdsOf(device, now);
  if (holds.length === 0) return null;
  return (
    <div class="note holds">
      {holds.map(({ until, attributes }) => {
        const names = format.list(attributes.map((attribute) => t(`attribute.${attribute}`).toLocaleLowerCase(locale)));
        return (
          <p key={until}>
            {typeof until === 'number'
              ? t('devices.held_attributes', { attributes: names, left: format.span(until - now) })
              : t(`devices.held_until_${until}`, { attributes: names })}
          </p>
        );
      })}
      <div class="acts" aria-busy={store.pending.value.has(`hold:${device.id}`)}>
        <button type="button" class="button" onClick={() => void actions.resumeDevice(device.id)}>
          {t('devices.resume')}
        </button>
        {holds.some(({ until }) => until !== 'resume') && (
          <button type="button" class="button" onClick={() => void actions.pin(device.id)}>
            {t('devices.pin')}
          </button>
        )}
      </div>
    </div>
  );
}
