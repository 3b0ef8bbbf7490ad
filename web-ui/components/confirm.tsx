import { useSignal } from '@preact/signals';
import { useI18n } from '../state/context.ts';

interface ConfirmProps {
  /** What the button says, and what is asked once it was pressed. */
  label: string;
  question: string;
  busy?: boolean;
  onConfirm(): void;
}

/** For what cannot be undone: asks once more in the same place. */
export function Confirm({ label, question, busy, onConfirm }: ConfirmProps) {
  const { t } = useI18n();
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
