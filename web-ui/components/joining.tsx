import { useI18n, usePanel } from '../state/context.ts';
import { type Network, openFor } from '../state/meshes.ts';

/** Seconds that a network is opened for: time to walk to the device and read its manual. */
const OPEN = 120;

/** Lets devices into a network, for as long as it says. */
export function Joining({ network }: { network: Network }) {
  const { store, actions } = usePanel();
  const { t, format } = useI18n();
  const { adapter, state } = network;
  const left = openFor(network, store.now.value);
  const busy = store.pending.value.has(`join:${adapter}`);
  const title = `join-${adapter}`;
  return (
    <section class="panel joining" aria-labelledby={title} data-open={left > 0}>
      <h2 id={title}>{t('mesh.join_title')}</h2>
      <p class="muted" role="status">
        {t(left > 0 ? 'mesh.join_open' : 'mesh.join_meaning')}
      </p>
      {left > 0 ? (
        <>
          <p class="joining-left">
            <span class="visually-hidden">{t('mesh.join_left')}</span>
            <span role="timer">{format.countdown(left)}</span>
          </p>
          <button type="button" class="button" aria-busy={busy} onClick={() => void actions.permitJoin(adapter, 0)}>
            {t('mesh.join_end')}
          </button>
        </>
      ) : (
        <button
          type="button"
          class="button"
          data-kind="primary"
          disabled={state !== 'online'}
          aria-busy={busy}
          onClick={() => void actions.permitJoin(adapter, OPEN)}
        >
          {t('mesh.join')}
        </button>
      )}
    </section>
  );
}
