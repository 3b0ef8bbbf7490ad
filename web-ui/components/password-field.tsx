import { type Signal, useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { useI18n } from '../state/context.ts';

export function PasswordField({
  label,
  value,
  fresh,
}: {
  label: string;
  value: Signal<string> /** To be chosen, not recalled */;
  fresh?: boolean;
}) {
  const { t } = useI18n();
  const id = useId();
  const shown = useSignal(false);
  const kind: { type: 'text' } | { type: 'password' } = shown.value ? { type: 'text' } : { type: 'password' };
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        {...kind}
        required
        autoComplete={fresh ? 'new-password' : 'current-password'}
        value={value}
        onInput={({ currentTarget }) => (value.value = currentTarget.value)}
      />
      <label class="check">
        <input type="checkbox" checked={shown} onChange={({ currentTarget }) => (shown.value = currentTarget.checked)} /> {t('login.show')}
      </label>
    </>
  );
}
