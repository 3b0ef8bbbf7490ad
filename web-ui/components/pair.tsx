import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { usePanel } from '../state/context.ts';

/** How long the hub asks the bridge, ms. Counted here for the eye alone: the hub says when it is over. */
const PATIENCE = 30_000;

/** Pairing waits for a person to press a button on the hardware; it can be called off. */
export function PairHue() {
  const { store, actions, clock } = usePanel();
  const { t, format } = store.i18n.value;
  const host = useSignal('');
  const deadline = useSignal(0);
  const call = useRef<AbortController | null>(null);
  const waiting = store.pending.value.has('pair');
  useEffect(() => () => call.current?.abort(), []);

  const start = (event: Event): void => {
    event.preventDefault();
    call.current = new AbortController();
    deadline.value = clock.wall() + PATIENCE;
    void actions.pair('hue', host.value.trim(), call.current.signal);
  };
  return (
    <section class="panel" aria-labelledby="pair-title">
      <h2 id="pair-title">{t('pair.title')}</h2>
      <form class="form" onSubmit={start}>
        <label for="pair-host">{t('pair.host')}</label>
        <input
          id="pair-host"
          required
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          aria-describedby="pair-hint"
          value={host}
          disabled={waiting}
          onInput={({ currentTarget }) => (host.value = currentTarget.value)}
        />
        <p id="pair-hint" class="muted">
          {t('pair.host_hint')}
        </p>
        <p role="status">{waiting && t('pair.waiting')}</p>
        {waiting && <p class="muted">{t('pair.left', { left: format.span(deadline.value - store.now.value) })}</p>}
        {waiting ? (
          <button type="button" class="button" onClick={() => call.current?.abort()}>
            {t('pair.cancel')}
          </button>
        ) : (
          <button type="submit" class="button">
            {t('pair.start')}
          </button>
        )}
      </form>
    </section>
  );
}
