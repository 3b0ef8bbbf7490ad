import type { ReasonCode } from '../../daemon/api/reasons.ts';
import type { DeviceView, WhyEntry } from '../../daemon/api/views.ts';
import type { AttributeName, Attributes } from '../../daemon/devices/device.ts';
import { css, xyToRgb } from '../color/convert.ts';
import { useI18n } from '../state/context.ts';
import { ATTRIBUTES } from '../state/select.ts';

/** Why a device is as it is: what is in force in a line, and on request the chain of claims of every attribute. */
export function Why({ device }: { device: DeviceView }) {
  const { t, code } = useI18n();
  const chains = ATTRIBUTES.flatMap((attribute) => {
    const chain = device.why[attribute];
    return chain && chain.length > 0 ? [{ attribute, chain }] : [];
  });
  if (chains.length === 0) return <p class="why-summary muted">{code('reason.unclaimed')}</p>;
  const winners = chains.flatMap(({ chain }) => chain.filter(({ wins }) => wins));
  const decisive = winners.length > 0 ? winners : chains.flatMap(({ chain }) => chain.slice(0, 1));
  const summary = new Set(decisive.map(({ reason }) => code(reason.code, reason.params)));
  return (
    <details class="why">
      <summary>
        <span class="why-title">{t('why.title')}</span>
        <span class="why-summary">{[...summary].join('. ')}</span>
      </summary>
      <dl>
        {chains.map(({ attribute, chain }) => (
          <div key={attribute}>
            <dt>{t(`attribute.${attribute}`)}</dt>
            <dd>
              <Chain attribute={attribute} chain={chain} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const WAITS: readonly ReasonCode[] = ['reason.off', 'reason.silent', 'reason.company'];

function Chain({ attribute, chain }: { attribute: AttributeName; chain: readonly WhyEntry[] }) {
  const { code } = useI18n();
  // Not a claim of anybody's: it stands before the claims that wait.
  const waits = chain.find(({ reason }) => WAITS.includes(reason.code));
  const claims = chain.filter((entry) => entry !== waits);
  return (
    <>
      {waits && <p class="muted">{code(waits.reason.code)}</p>}
      <ol>
        {claims.map((entry, i) => (
          <Claim key={`${entry.rung} ${entry.reason.code} ${i}`} attribute={attribute} entry={entry} />
        ))}
      </ol>
    </>
  );
}

function Claim({ attribute, entry }: { attribute: AttributeName; entry: WhyEntry }) {
  const { t, code, format } = useI18n();
  const { rung, value, reason, wins, expiresAt, limit } = entry;
  return (
    <li class="claim" data-wins={wins}>
      <span class="claim-value">
        <AttributeValue attribute={attribute} value={value} />
      </span>
      <span>
        {code(reason.code, reason.params)}
        <span class="muted dots">
          <span>{t(`rung.${rung}`)}</span>
          {expiresAt !== undefined && <span>{t('why.until', { time: format.time(expiresAt) })}</span>}
          {limit && <span>{code(limit.code, limit.params)}</span>}
          {wins && <strong>{t('why.wins')}</strong>}
        </span>
      </span>
    </li>
  );
}

export function AttributeValue({ attribute, value }: { attribute: AttributeName; value: Attributes[AttributeName] }) {
  const { t, format } = useI18n();
  if (value === undefined) return null;
  if (typeof value === 'boolean') return <>{t(value ? 'value.on' : 'value.off')}</>;
  if (typeof value === 'string') return <>{value}</>;
  if (typeof value === 'number') {
    if (attribute === 'colorTemperature') return <>{t('value.kelvin', { value: format.number(value) })}</>;
    return <>{attribute === 'setpoint' ? t('value.celsius', { value: format.number(value, 1) }) : format.percent(value / 100)}</>;
  }
  return <span class="chip" style={{ '--light': css(xyToRgb(value)) }} role="img" aria-label={t('value.xy', { x: value.x, y: value.y })} />;
}
