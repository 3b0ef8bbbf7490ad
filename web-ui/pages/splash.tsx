import { ToneMark } from '../components/tone-mark.tsx';
import { usePanel } from '../state/context.ts';

export function Splash() {
  const { store, stream } = usePanel();
  const { t } = store.i18n.value;
  const lost = store.session.value === 'no-answer' || store.connection.value.phase === 'offline';
  return (
    <main class="door">
      <ToneMark size={72} />
      <p role="status">{t(lost ? 'app.no_answer' : 'app.loading')}</p>
      {lost && store.session.value === 'signed-in' && (
        <button type="button" class="button" onClick={() => stream.retryNow()}>
          {t('connection.retry')}
        </button>
      )}
    </main>
  );
}
