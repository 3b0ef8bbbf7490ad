import { useSignal } from '@preact/signals';
import { PageTitle } from '../components/page-title.tsx';
import { PasswordField } from '../components/password-field.tsx';
import { ToneMark } from '../components/tone-mark.tsx';
import { usePanel } from '../state/context.ts';

export function Login() {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const password = useSignal('');
  const submit = (event: Event): void => {
    event.preventDefault();
    void actions.login(password.value);
  };
  return (
    <main class="door">
      <ToneMark size={72} mood="calm" confidence={0.62} />
      <PageTitle text={t('login.title')} />
      <form class="form" onSubmit={submit}>
        <PasswordField label={t('login.password')} value={password} />
        <button type="submit" class="button" data-kind="primary" aria-busy={store.pending.value.has('login')}>
          {t('login.submit')}
        </button>
      </form>
      <p class="muted">{t('login.forgot')}</p>
    </main>
  );
}
