import type { Contradiction, Mood, StressTerm } from '../../daemon/mood/mood.ts';
import { useI18n } from '../state/context.ts';
import { Bar } from './bar.tsx';

/** How stressed the room is, and what that is made of. */
export function Stress({ mood }: { mood: Mood }) {
  const { t } = useI18n();
  const rounded = Math.round(mood.stress);
  return (
    <div>
      <h3>
        {t('stress.title')} <span class="figure">{t('stress.value', { value: rounded })}</span>
      </h3>
      <meter class="visually-hidden" min={0} max={100} value={rounded} aria-label={t('stress.title')} />
      <div class="gauge" aria-hidden="true">
        <span class="gauge-needle" style={{ left: `${Math.min(100, Math.max(0, mood.stress))}%` }} />
      </div>
      {mood.stressTerms && <Terms terms={mood.stressTerms} />}
      {mood.hiddenStress && <Hidden contradictions={mood.contradictions ?? []} />}
    </div>
  );
}

/** Each term with its points; they add up to the figure above. */
function Terms({ terms }: { terms: readonly StressTerm[] }) {
  const { t, format } = useI18n();
  return (
    <ul class="bars">
      {terms.map(({ term, value, weight }) => (
        <li key={term} title={t('stress.term_title', { value: format.percent(value), weight: format.percent(weight) })}>
          <span>{t(`stress.term_${term}`)}</span>
          <Bar share={value * weight} />
          <span class="figure">{format.number(100 * value * weight)}</span>
        </li>
      ))}
    </ul>
  );
}

function Hidden({ contradictions }: { contradictions: readonly Contradiction[] }) {
  const { t } = useI18n();
  return (
    <div class="note">
      <p>{t('stress.hidden')}</p>
      {contradictions.map(({ shown, told, by }) => (
        <p key={`${shown.source} ${told.source} ${told.modality}`} class="muted">
          {t(`stress.but_${by}`, { shown: shown.source, told: told.source, modality: t(`modality.${told.modality}`) })}
        </p>
      ))}
    </div>
  );
}
