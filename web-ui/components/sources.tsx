import type { HouseView, RoomView, SourceView } from '../../daemon/api/views.ts';
import type { Key } from '../i18n/en.ts';
import { usePanel } from '../state/context.ts';
import { Confirm } from './confirm.tsx';
import { Switch } from './switch.tsx';

export function Sources({ house, room }: { house: HouseView; room: RoomView }) {
  const { t } = usePanel().store.i18n.value;
  const silenced = !house.sensing ? 'sources.held_off' : room.mode === 'off' ? 'sources.room_off' : null;
  return (
    <section class="sources panel" aria-labelledby="sources-title">
      <h2 id="sources-title">{t('sources.title')}</h2>
      {room.sources.length === 0 && <p class="muted">{t('sources.none')}</p>}
      <ul>
        {room.sources.map((source) => (
          <Source key={source.id} source={source} silenced={silenced} />
        ))}
      </ul>
    </section>
  );
}

/** `silenced`: what keeps every source of the room off, whatever its own switch says. */
function Source({ source, silenced }: { source: SourceView; silenced: Key | null }) {
  const { store, actions } = usePanel();
  const { t, code, format } = store.i18n.value;
  const { id, kind, state, enabled, rate, dropped, publisher, problem } = source;
  const isFree = kind === 'phone' && state === 'waiting' && !publisher;
  const stateText = isFree ? 'source.free' : enabled && state === 'off' && silenced ? silenced : (`source.${state}` as const);
  const light = isFree ? 'free' : problem && state === 'starting' ? 'waiting' : state;
  return (
    <li class="source">
      <span class="source-state" data-state={light} aria-hidden="true" />
      <div>
        <p>{kind === 'demo' ? t('sources.demo') : id}</p>
        <p class="muted dots">
          {kind !== 'demo' && <span>{t(`sources.${kind}`)}</span>}
          <span>{t(stateText)}</span>
          {state === 'live' && kind !== 'microphone' && kind !== 'demo' && (
            <span>{t('sources.rate', { rate: format.number(rate, 1) })}</span>
          )}
          {publisher && <span>{t('sources.publisher', { name: publisher.name })}</span>}
          {state === 'live' && dropped > 0 && <span>{t('sources.dropped', { dropped })}</span>}
        </p>
      </div>
      {kind !== 'demo' && (
        <Switch
          label={t('sources.switch', { source: id })}
          on={enabled}
          busy={store.pending.value.has(`source:${id}`)}
          onToggle={(on) => void actions.setSource(id, on)}
        />
      )}
      {problem && <p class="note">{code(problem.code, problem.params)}</p>}
      {kind === 'phone' && (
        <div class="source-act">
          <Confirm
            label={t('sources.remove')}
            question={t('sources.remove_question', { source: id })}
            busy={store.pending.value.has(`remove:${id}`)}
            onConfirm={() => void actions.removePhone(id)}
          />
        </div>
      )}
    </li>
  );
}
