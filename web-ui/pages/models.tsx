import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { lacking, standIns } from '../../daemon/api/offer.ts';
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
  useEffect(() => {
    void actions.loadModels();
    void actions.loadInference();
  }, [actions]);
  useEffect(() => {
    if (!fetching) return;
    const looking = clock.every(LOOK, () => void actions.loadModels());
    return () => looking.cancel();
  }, [fetching, actions, clock]);
  return (
    <>
      <PageTitle text={t('models.title')} />
      <div class="house">
        <Offer models={models ?? []} />
        {[...byRole(models ?? [])].map(([role, ofRole]) => (
          <Role key={role} id={role} title={name(role)} models={ofRole} standsInFor={standIns(ofRole)[0]?.better.id} />
        ))}
        <Processor />
      </div>
    </>
  );
}

/** What the recommended set lacks, with its terms before the first byte. */
function Offer({ models }: { models: readonly ModelView[] }) {
  const { store, actions } = usePanel();
  const { t, format } = store.i18n.value;
  const offered = lacking(models).flatMap(([best]) => best ?? []);
  if (offered.length === 0 || isFetching(models)) return null;
  const megabytes = (size: number): string => format.number(size / 1e6, 1);
  const size = megabytes(offered.reduce((sum, each) => sum + each.size, 0));
  return (
    <section class="panel models" aria-labelledby="offer-title">
      <h2 id="offer-title">{t('models.offer')}</h2>
      <p>{t('models.offer_meaning')}</p>
      <ul>
        {offered.map(({ id, size, licence, trainedOn }) => (
          <li key={id}>
            {id}
            <p class="muted">{t('models.offer_terms', { size: megabytes(size), licence, data: trainedOn })}</p>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="button"
        aria-busy={store.pending.value.has('models:recommended')}
        onClick={() => void actions.fetchRecommended()}
      >
        {t('models.offer_act', { size })}
      </button>
    </section>
  );
}

function Processor() {
  const { store } = usePanel();
  const { t, format } = store.i18n.value;
  const inference = store.inference.value;
  if (!inference) return null;
  const { threads, inUse, measured } = inference;
  if (threads !== 'auto')
    return (
      <ProcessorPanel>
        <p>{t('models.threads_fixed', { count: threads })}</p>
      </ProcessorPanel>
    );
  return (
    <ProcessorPanel>
      <p>{inUse === null ? t('models.threads_idle') : t('models.threads_auto', { count: inUse })}</p>
      {!measured && <p class="muted">{t('models.threads_unmeasured')}</p>}
      {measured && <p class="muted">{t('models.threads_measured', { time: format.dateTime(measured.at), chosen: measured.chosen })}</p>}
      <ul class="muted">
        {measured?.timings.map(({ threads, ms }) => (
          <li key={threads}>{t('models.threads_timing', { count: threads, time: format.number(ms, 1) })}</li>
        ))}
      </ul>
    </ProcessorPanel>
  );
}

function ProcessorPanel({ children }: { children: ComponentChildren }) {
  const { t } = usePanel().store.i18n.value;
  return (
    <section class="panel models" aria-labelledby="processor-title">
      <h2 id="processor-title">{t('models.threads')}</h2>
      {children}
    </section>
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

interface RoleProps {
  id: string;
  title: string;
  models: readonly ModelView[];
  /** The better model that is not there: the one in use stands in for it. */
  standsInFor: string | undefined;
}

function Role({ id, title, models, standsInFor }: RoleProps) {
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
            <Row key={model.id} model={model} standsInFor={model.state === 'in-use' ? standsInFor : undefined} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ model, standsInFor }: { model: ModelView; standsInFor: string | undefined }) {
  const { t, format, code } = usePanel().store.i18n.value;
  const { id, state, recommended, size, licence, trainedOn, accuracy, cost, problem } = model;
  return (
    <>
      <tr>
        <th scope="row">
          {id}
          {recommended && <p class="muted">{t('models.recommended')}</p>}
        </th>
        <td>
          {t(`models.state_${state}`)}
          {standsInFor && <p class="muted">{t('models.stands_in', { model: standsInFor })}</p>}
        </td>
        <td>{t('models.megabytes', { size: format.number(size / 1e6, 1) })}</td>
        <td>
          {licence}
          <p class="muted">{t('models.trained_on', { data: trainedOn })}</p>
        </td>
        <td>
          {accuracy}
          <p class="muted">{cost}</p>
        </td>
        <td>
          <Act model={model} />
        </td>
      </tr>
      {problem && (
        <tr>
          <td colSpan={6} role="status">
            {code(problem.code, problem.params)}
          </td>
        </tr>
      )}
    </>
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
