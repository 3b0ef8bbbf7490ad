import { useId } from 'preact/hooks';
import type { Affect } from '../../daemon/mood/emotion.ts';
import type { MoodLabel } from '../../daemon/mood/mood.ts';
import { useI18n, usePanel } from '../state/context.ts';
import { TRAIL, type Trail } from '../state/trail.ts';

const HALF = 100;
const QUADRANTS = [
  { mood: 'tense', x: -1, y: -1 },
  { mood: 'cheerful', x: 1, y: -1 },
  { mood: 'low', x: -1, y: 1 },
  { mood: 'calm', x: 1, y: 1 },
] as const;

/** Where the room is on the circumplex of affect (Russell 1980): valence to the right, arousal up, with the way it came. */
export function Circumplex({ affect, label, trail }: { affect: Affect; label: MoodLabel; trail: Trail }) {
  const { t, format } = useI18n();
  const title = t('affect.text', { valence: format.signed(affect.valence), arousal: format.signed(affect.arousal) });
  const here = place(affect);
  return (
    <figure class="circumplex">
      <svg viewBox="-118 -118 236 236" role="img" aria-label={title}>
        <Field />
        <Path trail={trail} affect={affect} />
        <circle class="affect-halo" data-mood={label} cx={here.x} cy={here.y} r="13" />
        <circle class="affect-dot" data-mood={label} cx={here.x} cy={here.y} r="6" />
      </svg>
      <figcaption>
        <span>
          {t('affect.valence')} <b>{format.signed(affect.valence)}</b>
        </span>
        <span>
          {t('affect.arousal')} <b>{format.signed(affect.arousal)}</b>
        </span>
      </figcaption>
    </figure>
  );
}

function Field() {
  const { t } = useI18n();
  const clip = useId();
  return (
    <g>
      <clipPath id={clip}>
        <rect x={-HALF} y={-HALF} width={2 * HALF} height={2 * HALF} rx="46" />
      </clipPath>
      <g clip-path={`url(#${clip})`}>
        {QUADRANTS.map(({ mood, x, y }) => (
          <rect key={mood} class="quadrant" data-mood={mood} x={x < 0 ? -HALF : 0} y={y < 0 ? -HALF : 0} width={HALF} height={HALF} />
        ))}
      </g>
      <path class="axis" d={`M${-HALF} 0H${HALF}M0 ${-HALF}V${HALF}`} />
      {QUADRANTS.map(({ mood, x, y }) => (
        <text key={mood} class="quadrant-name" x={x * 52} y={y * 80 + 4} text-anchor="middle">
          {t(`mood.${mood}`)}
        </text>
      ))}
      <text class="axis-name" x="0" y={-HALF - 7} text-anchor="middle">
        {t('affect.excited')}
      </text>
      <text class="axis-name" x="0" y={HALF + 14} text-anchor="middle">
        {t('affect.quiet')}
      </text>
      <text class="axis-name" transform={`translate(${-HALF - 8} 0) rotate(-90)`} text-anchor="middle">
        {t('affect.unpleasant')}
      </text>
      <text class="axis-name" transform={`translate(${HALF + 8} 0) rotate(90)`} text-anchor="middle">
        {t('affect.pleasant')}
      </text>
    </g>
  );
}

function Path({ trail, affect }: { trail: Trail; affect: Affect }) {
  const now = usePanel().store.hubNow.value;
  return (
    <g class="trail">
      {trail.map((point, i) => {
        const from = place(point);
        const to = place(trail[i + 1] ?? affect);
        const left = Math.max(0, 1 - (now - point.at) / TRAIL.length);
        return <line key={point.at} x1={from.x} y1={from.y} x2={to.x} y2={to.y} opacity={0.05 + 0.75 * left ** 1.5} />;
      })}
    </g>
  );
}

function place({ valence, arousal }: Affect): { x: number; y: number } {
  const inside = (value: number): number => Math.max(-1, Math.min(1, value)) * (HALF - 8);
  return { x: inside(valence), y: -inside(arousal) };
}
