import { useEffect } from 'preact/hooks';
import { LocationProvider } from 'preact-iso';
import { Announcer } from './components/announcer.tsx';
import { Banners } from './components/banners.tsx';
import { Header } from './components/header.tsx';
import { Toasts } from './components/toasts.tsx';
import { Login } from './pages/login.tsx';
import { Setup } from './pages/setup.tsx';
import { Splash } from './pages/splash.tsx';
import { Routes } from './routes.tsx';
import { usePanel } from './state/context.ts';

export function App() {
  return (
    <LocationProvider>
      <Guard />
      <Toasts />
    </LocationProvider>
  );
}

function Guard() {
  const { store } = usePanel();
  switch (store.session.value) {
    case 'unknown':
    case 'no-answer':
      return <Splash />;
    case 'setup':
      return <Setup />;
    case 'signed-out':
      return <Login />;
    case 'signed-in':
      return store.house.value ? <Shell /> : <Splash />;
  }
}

function Shell() {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const stale = store.connection.value.phase === 'offline';
  useEffect(() => {
    document.documentElement.toggleAttribute('data-stale', stale);
    return () => document.documentElement.removeAttribute('data-stale');
  }, [stale]);
  return (
    <>
      <a class="skip" href="#content">
        {t('app.skip')}
      </a>
      <Header />
      <Banners />
      <main id="content" tabIndex={-1}>
        <Routes />
      </main>
      <Announcer />
    </>
  );
}
