import { PageTitle } from '../components/page-title.tsx';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';

export function Missing() {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const safe = store.house.value?.config.state === 'safe';
  return (
    <div class="empty">
      <PageTitle text={t(safe ? 'overview.empty' : 'missing.title')} />
      <p>{t(safe ? 'overview.empty_safe' : 'missing.text')}</p>
      <a href={paths.overview}>{t('nav.back')}</a>
    </div>
  );
}
