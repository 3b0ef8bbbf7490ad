import type { HouseView, RoomView, SourceView } from '../../daemon/api/views.ts';
import { usePanel } from '../state/context.ts';
import { Switch } from './switch.tsx';

export function Sources({ house, room }: { house: HouseView; room: RoomView }) {
  const { t } = usePanel().store.i18n.value;
  return (
    <section class="sources panel" aria-labelledby="sources-title">
      <h2 id="sources-title">{t('sources.title')}</h2>
      {room.sources.length === 0 && <p class="muted">{t('sources.none')}</p>}
      <ul>
        {room.sources.map((source) => (
          <Source key={source.id} source={source} sensing={house.sensing} />
        ))}
      </ul>
    </section>
  );
}

function Source({ source, sensing }: { source: SourceView; sensing: boolean }) {
  const { store, actions } = usePanel();
  const { t, code, format } = store.i18n.value;
  const { id, kind, state, enabled, rate, dropped, problem } = source;
  const heldOff = enabled && !sensing && kind !== 'demo';
  return (
    <li class="source">
      <span class="source-state" data-state={state} aria-hidden="true" />
      <div>
        <p>
          {id} <span class="muted">{t(`sources.${kind}`)}</span>
        </p>
        <p class="muted">
          {heldOff && state === 'off' ? t('sources.held_off') : t(`source.${state}`)}
          {state === 'live' && <span class="dotted">{t('sources.rate', { rate: format.number(rate, 1) })}</span>}
          {dropped > 0 && state === 'live' && <span class="dotted">{t('sources.dropped', { dropped })}</span>}
        </p>
        {problem && <p class="note">{code(problem.code, problem.params)}</p>}
      </div>
      {kind !== 'demo' && (
        <Switch
          label={t('sources.switch', { source: id })}
          on={enabled}
          busy={store.pending.value.has(`source:${id}`)}
          onToggle={(on) => void actions.setSource(id, on)}
        />
      )}
    </li>
  );
}
