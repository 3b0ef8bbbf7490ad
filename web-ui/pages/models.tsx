import { useEffect } from 'preact/hooks';
import type { ModelView } from '../../daemon/api/views.ts';
import { PageTitle } from '../components/page-title.tsx';
import { usePanel } from '../state/context.ts';
import { byRole, isFetching, offers, share } from '../state/models.ts';

/** ms between two looks at how far a download is. */
const LOOK = 1000;

export function Models() {
  const { store, actions, clock } = usePanel();
  const { t, name } = useNames();
  const models = store.models.value;
  const fetching = models !== null && isFetching(models);
  useEffect(() => void actions.loadModels(), [actions]);
  useEffect(() => {
    if (!fetching) return;
    const looking = clock.every(LOOK, () => void actions.loadModels());
    return () => looking.cancel();
  }, [fetching, actions, clock]);
  return (
    <>
      <PageTitle text={t('models.title')} />
      <div class="house">
        {[...byRole(models ?? [])].map(([role, ofRole]) => (
          <Role key={role} id={role} title={name(role)} models={ofRole} />
        ))}
      </div>
    </>
  );
}

/** Roles that the panel has no words for go by their id. */
function useNames() {
  const { t } = usePanel().store.i18n.value;
  const known: Record<string, string> = {
    'face-detection': t('models.role_face-detection'),
    'face-emotion': t('models.role_face-emotion'),
    'voice-activity': t('models.role_voice-activity'),
    'voice-arousal': t('models.role_voice-arousal'),
    'voice-emotion': t('models.role_voice-emotion'),
    'text-emotion': t('models.role_text-emotion'),
  };
  return { t, name: (role: string): string => known[role] ?? role };
}

function Role({ id, title, models }: { id: string; title: string; models: readonly ModelView[] }) {
  const { t } = usePanel().store.i18n.value;
  return (
    <section class="panel models" aria-labelledby={`role-${id}`}>
      <h2 id={`role-${id}`}>{title}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('models.model')}</th>
            <th scope="col">{t('models.state')}</th>
            <th scope="col">{t('models.size')}</th>
            <th scope="col">{t('models.licence')}</th>
            <th scope="col">{t('models.accuracy')}</th>
            <th scope="col">{t('models.act')}</th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <Row key={model.id} model={model} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ model }: { model: ModelView }) {
  const { t, format, code } = usePanel().store.i18n.value;
  const { id, state, recommended, size, licence, accuracy, problem } = model;
  return (
    <tr>
      <th scope="row">
        {id}
        {recommended && <p class="muted">{t('models.recommended')}</p>}
      </th>
      <td>
        {t(`models.state_${state}`)}
        {problem && <p role="status">{code(problem.code, problem.params)}</p>}
      </td>
      <td>{t('models.megabytes', { size: format.number(size / 1e6, 1) })}</td>
      <td>{licence}</td>
      <td>{accuracy}</td>
      <td>
        <Act model={model} />
      </td>
    </tr>
  );
}

function Act({ model }: { model: ModelView }) {
  const { store, actions } = usePanel();
  const { t, format } = store.i18n.value;
  const { id, role, received } = model;
  const offered = offers(model);
  const busy = store.pending.value.has(`model:${id}`);
  if (received !== null) {
    return <progress value={share(model)} aria-label={t('models.fetching', { model: id, share: format.percent(share(model)) })} />;
  }
  if (offered.fetch) {
    return (
      <button
        type="button"
        class="button"
        aria-busy={busy}
        aria-label={t('models.fetch_label', { model: id })}
        onClick={() => void actions.fetchModel(id)}
      >
        {t('models.fetch')}
      </button>
    );
  }
  if (!offered.use) return null;
  return (
    <button
      type="button"
      class="button"
      aria-busy={busy}
      aria-label={t('models.use_label', { model: id })}
      onClick={() => void actions.useModel(role, id)}
    >
      {t('models.use')}
    </button>
  );
}
