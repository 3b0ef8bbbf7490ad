import type { Problem } from '../../daemon/api/views.ts';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';

export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  const { store } = usePanel();
  const { t, code, format } = store.i18n.value;
  return (
    <ul class="problem-list">
      {problems.map((problem) => (
        <li key={`${problem.scope} ${problem.code} ${problem.since}`}>
          <p>{code(problem.code, problem.params)}</p>
          {problem.code === 'model.missing' && (
            <p>
              <a href={paths.models}>{t('models.mend')}</a>
            </p>
          )}
          <p class="muted">
            <time dateTime={new Date(problem.since).toISOString()}>{t('problems.since', { time: format.dateTime(problem.since) })}</time>
          </p>
        </li>
      ))}
    </ul>
  );
}

export function Problems({ problems }: { problems: readonly Problem[] }) {
  const { t } = usePanel().store.i18n.value;
  if (problems.length === 0) return null;
  return (
    <section class="problems panel" aria-labelledby="problems-title">
      <h2 id="problems-title">{t('problems.title', { count: problems.length })}</h2>
      <ProblemList problems={problems} />
    </section>
  );
}
