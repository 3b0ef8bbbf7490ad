import { usePanel } from '../state/context.ts';
import { bannerProblems, runningSources } from '../state/select.ts';
import { OnAirBanner } from './on-air-banner.tsx';
import { ProblemList } from './problems.tsx';

/** What concerns the whole house and every page. */
export function Banners() {
  return (
    <div class="banners">
      <OfflineBanner />
      <OnAirBanner />
      <SensingBanner />
      <SafeModeBanner />
      <RestartBanner />
      <DemoBanner />
    </div>
  );
}

function OfflineBanner() {
  const { store, stream } = usePanel();
  const { t, format } = store.i18n.value;
  const connection = store.connection.value;
  if (connection.phase !== 'offline') return null;
  const seconds = Math.max(0, Math.ceil((connection.retryAt - store.now.value) / 1000));
  return (
    <section class="banner" data-kind="offline">
      <p role="status">
        {connection.lastHeard === null ? t('error.offline') : t('connection.lost', { time: format.clock(connection.lastHeard) })}
      </p>
      <p class="banner-more">{t('connection.retry_in', { seconds })}</p>
      <button type="button" class="button" onClick={() => stream.retryNow()}>
        {t('connection.retry')}
      </button>
    </section>
  );
}

function SensingBanner() {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const house = store.house.value;
  if (!house || house.sensing) return null;
  const running = runningSources(house).length;
  return (
    <section class="banner" data-kind="sensing-off">
      <p role="status">
        <strong>{t('sensing.off_title')}.</strong> {running > 0 ? t('sensing.stopping', { count: running }) : t('sensing.off')}
      </p>
    </section>
  );
}

function SafeModeBanner() {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const house = store.house.value;
  if (house?.config.state !== 'safe') return null;
  return (
    <section class="banner" data-kind="safe" aria-labelledby="safe-title">
      <div class="banner-body">
        <h2 id="safe-title">{t('safe.title')}</h2>
        <p>{t('safe.text', { file: house.config.file })}</p>
        <ProblemList problems={bannerProblems(house)} />
      </div>
      <button type="button" class="button" aria-busy={store.pending.value.has('reload')} onClick={() => void actions.reload()}>
        {t('house.reload')}
      </button>
    </section>
  );
}

function RestartBanner() {
  const { store } = usePanel();
  const { t, format } = store.i18n.value;
  const keys = store.house.value?.config.restartRequired ?? [];
  if (keys.length === 0) return null;
  return (
    <section class="banner" data-kind="note">
      <p>{t('restart.text', { keys: format.list(keys) })}</p>
    </section>
  );
}

function DemoBanner() {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  if (!store.house.value?.demo) return null;
  return (
    <section class="banner" data-kind="demo">
      <p>
        <strong>{t('demo.title')}.</strong> {t('demo.text')}
      </p>
      <button type="button" class="button" aria-busy={store.pending.value.has('demo')} onClick={() => void actions.setDemo(false)}>
        {t('demo.off')}
      </button>
    </section>
  );
}
