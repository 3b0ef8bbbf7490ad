import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { DeviceView } from '../../daemon/api/views.ts';
import type { Attributes } from '../../daemon/devices/device.ts';
import { css, hueSaturationToRgb, hueSaturationToXy, kelvinToRgb, xyToHueSaturation } from '../color/convert.ts';
import { type ColorMode, colorMode } from '../color/lamp.ts';
import { useI18n, usePanel } from '../state/context.ts';
import { Slider } from './slider.tsx';

/** The person's own wishes. Only what the device can do is offered. */
export function LampControls({ device }: { device: DeviceView }) {
  const { actions } = usePanel();
  const { t, format } = useI18n();
  const { capabilities, values } = device;
  const wish = (attributes: Attributes): void => void actions.setDevice(device.id, attributes);
  const percent = (value: number): string => format.percent(value / 100);
  return (
    <div class="lamp-controls">
      {capabilities.brightness && (
        <Slider
          label={t('attribute.brightness')}
          min={Math.max(1, Math.ceil(capabilities.brightness.min))}
          max={100}
          value={values.brightness ?? 100}
          text={percent}
          onWish={(brightness) => wish({ brightness })}
        />
      )}
      <LightColor device={device} wish={wish} />
      {capabilities.volume && (
        <Slider
          label={t('attribute.volume')}
          min={0}
          max={100}
          value={values.volume ?? 0}
          text={percent}
          onWish={(volume) => wish({ volume })}
        />
      )}
    </div>
  );
}

interface Wishing {
  device: DeviceView;
  wish(attributes: Attributes): void;
}

function LightColor({ device, wish }: Wishing) {
  const { color, colorTemperature } = device.capabilities;
  const chosen = useSignal<ColorMode | null>(null);
  if (!color && !colorTemperature) return null;
  const both = color && colorTemperature;
  const mode = both ? (chosen.value ?? colorMode(device)) : color ? 'color' : 'white';
  return (
    <>
      {both && <ColorModeChoice device={device} mode={mode} onChoose={(next) => (chosen.value = next)} />}
      {mode === 'white' ? <WhiteSlider device={device} wish={wish} /> : <ColorSliders device={device} wish={wish} />}
    </>
  );
}

function ColorModeChoice({ device, mode, onChoose }: { device: DeviceView; mode: ColorMode; onChoose(mode: ColorMode): void }) {
  const { t } = useI18n();
  const group = useId();
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{t('devices.color_mode', { device: device.name })}</legend>
      {(['white', 'color'] as const).map((each) => (
        <label key={each}>
          <input type="radio" name={group} checked={mode === each} onChange={() => onChoose(each)} />
          <span>{t(`devices.${each}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function WhiteSlider({ device, wish }: Wishing) {
  const { t, format } = useI18n();
  const range = device.capabilities.colorTemperature ?? { min: 2200, max: 6500 };
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => css(kelvinToRgb(range.min + share * (range.max - range.min))));
  return (
    <Slider
      label={t('attribute.colorTemperature')}
      min={range.min}
      max={range.max}
      step={50}
      value={device.values.colorTemperature ?? (range.min + range.max) / 2}
      text={(kelvin) => t('value.kelvin', { value: format.number(kelvin) })}
      track={`linear-gradient(to right, ${stops.join(', ')})`}
      onWish={(colorTemperature) => wish({ colorTemperature })}
    />
  );
}

function ColorSliders({ device, wish }: Wishing) {
  const { t, format } = useI18n();
  const now = device.values.color ? xyToHueSaturation(device.values.color) : { hue: 30, saturation: 0.5 };
  const stops = [0, 60, 120, 180, 240, 300, 360].map((hue) => css(hueSaturationToRgb({ hue, saturation: 1 })));
  const full = css(hueSaturationToRgb({ hue: now.hue, saturation: 1 }));
  return (
    <>
      <Slider
        label={t('devices.hue')}
        min={0}
        max={360}
        step={2}
        value={Math.round(now.hue)}
        text={(hue) => `${format.number(hue)}°`}
        track={`linear-gradient(to right, ${stops.join(', ')})`}
        onWish={(hue) => wish({ color: hueSaturationToXy({ hue, saturation: Math.max(0.05, now.saturation) }) })}
      />
      <Slider
        label={t('devices.saturation')}
        min={0}
        max={100}
        value={Math.round(100 * now.saturation)}
        text={(saturation) => format.percent(saturation / 100)}
        track={`linear-gradient(to right, #fff, ${full})`}
        onWish={(saturation) => wish({ color: hueSaturationToXy({ hue: now.hue, saturation: saturation / 100 }) })}
      />
    </>
  );
}
