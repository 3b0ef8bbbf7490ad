import { PageTitle } from '../components/page-title.tsx';
import { paths } from '../paths.ts';
import { useI18n } from '../state/context.ts';

export function Missing() {
  const { t } = useI18n();
  return (
    <div class="empty">
      <PageTitle text={t('missing.title')} />
      <p>{t('missing.text')}</p>
      <a href={paths.overview}>{t('nav.back')}</a>
    </div>
  );
}
