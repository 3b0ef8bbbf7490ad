import { useSignal } from '@preact/signals';
import type { I18n } from '../i18n/translate.ts';
import { useI18n } from '../state/context.ts';

interface ConfirmProps {
  /** What the button says, and what is asked once it was pressed. */
  label: string;
  question: string;
  busy?: boolean;
  onConfirm(): void;
}

/** For what cannot be undone: asks once more in the same place. */
export function Confirm(props: ConfirmProps) {
  return <ConfirmIn {...props} i18n={useI18n()} />;
}

/** The same outside of the panel, on a page that knows no house. */
export function ConfirmIn({ label, question, busy, onConfirm, i18n: { t } }: ConfirmProps & { i18n: I18n }) {
  const asking = useSignal(false);
  if (!asking.value) {
    return (
      <button type="button" class="button" aria-busy={busy} onClick={() => (asking.value = true)}>
        {label}
      </button>
    );
  }
  return (
    <fieldset class="confirm">
      <legend>{question}</legend>
      <button
        type="button"
        class="button"
        data-kind="primary"
        aria-busy={busy}
        onClick={() => {
          asking.value = false;
          onConfirm();
        }}
      >
        {t('confirm.yes', { act: label })}
      </button>
      <button type="button" class="button" onClick={() => (asking.value = false)}>
        {t('confirm.no')}
      </button>
    </fieldset>
  );
}
