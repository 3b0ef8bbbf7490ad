import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { PageTitle } from '../components/page-title.tsx';
import { PasswordField } from '../components/password-field.tsx';
import { ToneMark } from '../components/tone-mark.tsx';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';

/** The first visit. The code comes in the fragment of the link, which browsers never send, and leaves the address bar at once. */
export function Setup() {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const [linked] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? '');
  const token = useSignal(linked);
  const password = useSignal('');
  const { route } = useLocation();
  // Once: `route` is another function on every render.
  useEffect(() => route(paths.overview, true), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    void actions.setup(token.value.trim(), password.value);
  };
  return (
    <main class="door">
      <ToneMark size={72} mood="calm" confidence={0.62} />
      <PageTitle text={t('setup.title')} />
      <p>{t('setup.lead')}</p>
      <form class="form" onSubmit={submit}>
        {linked === '' && <TokenField value={token.value} onInput={(text) => (token.value = text)} />}
        <PasswordField label={t('setup.password')} value={password} fresh />
        <button type="submit" class="button" data-kind="primary" aria-busy={store.pending.value.has('setup')}>
          {t('setup.submit')}
        </button>
      </form>
    </main>
  );
}

function TokenField({ value, onInput }: { value: string; onInput(text: string): void }) {
  const { t } = usePanel().store.i18n.value;
  return (
    <>
      <label for="setup-token">{t('setup.token')}</label>
      <input
        id="setup-token"
        required
        autoComplete="off"
        spellcheck={false}
        aria-describedby="setup-token-hint"
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <p id="setup-token-hint" class="muted">
        {t('setup.token_hint')}
      </p>
    </>
  );
}
