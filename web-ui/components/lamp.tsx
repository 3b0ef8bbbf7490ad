import type { DeviceView } from '../../daemon/api/views.ts';
import { css } from '../color/convert.ts';
import { colorMode, lampLight } from '../color/lamp.ts';
import { useI18n, usePanel } from '../state/context.ts';
import { Holds } from './holds.tsx';
import { LampControls } from './lamp-controls.tsx';
import { Switch } from './switch.tsx';
import { AttributeValue, Why } from './why.tsx';

export function Lamp({ device }: { device: DeviceView }) {
  const { actions } = usePanel();
  const { t } = useI18n();
  const { id, name, values, capabilities, available } = device;
  return (
    <li class="lamp panel" data-available={available}>
      <div class="lamp-head">
        <Swatch device={device} />
        <div>
          <h3>{name}</h3>
          <p class="muted dots">
            <LampState device={device} />
          </p>
        </div>
        {capabilities.on && (
          <Switch
            label={t('devices.switch', { device: name })}
            on={values.on ?? false}
            disabled={!available}
            onToggle={(on) => void actions.setDevice(id, { on })}
          />
        )}
      </div>
      <Holds device={device} />
      {available && values.on !== false && <LampControls device={device} />}
      <Why device={device} />
    </li>
  );
}

/** A disc in the color of the light, with a glow that grows with its brightness. */
function Swatch({ device }: { device: DeviceView }) {
  const light = lampLight(device);
  const style = light ? { '--light': css(light.rgb), '--glow': String(light.brightness / 100) } : {};
  return <span class="swatch" data-lit={light !== null} style={style} aria-hidden="true" />;
}

function LampState({ device }: { device: DeviceView }) {
  const { t } = useI18n();
  const { values, available } = device;
  if (!available) return <span>{t('devices.unavailable')}</span>;
  if (values.on === false) return <span>{t('devices.off')}</span>;
  const shown = (['brightness', colorMode(device) === 'white' ? 'colorTemperature' : null, 'volume'] as const).filter(
    (attribute) => attribute !== null && values[attribute] !== undefined,
  ) as ('brightness' | 'colorTemperature' | 'volume')[];
  return (
    <>
      <span>{t(values.on ? 'devices.on' : 'devices.unknown')}</span>
      {shown.map((attribute) => (
        <span key={attribute}>
          <AttributeValue value={values[attribute]} attribute={attribute} />
        </span>
      ))}
    </>
  );
}
