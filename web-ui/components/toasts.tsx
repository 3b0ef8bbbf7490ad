import { usePanel } from '../state/context.ts';

export function Toasts() {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  return (
    <div class="toasts" aria-live="assertive">
      {store.toasts.value.map(({ id, kind, text }) => (
        <div key={id} class="toast" data-kind={kind}>
          <p>{text}</p>
          <button type="button" class="toast-close" aria-label={t('app.close')} onClick={() => actions.dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
