import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { AdapterView, CandidateView } from '../../daemon/api/devices.ts';
import { usePanel } from '../state/context.ts';
import { Confirm } from './confirm.tsx';

/** Becoming acquainted with bridges: what was found, what a person knows the address of, and what is paired. */
export function Pairing() {
  const { store, actions } = usePanel();
  useEffect(() => void actions.loadAdapters(), [actions]);
  const families = (store.adapters.value ?? []).filter(({ pairing }) => pairing !== null);
  const { t } = store.i18n.value;
  const pair = usePairing();
  return (
    <section class="panel pairing" aria-labelledby="pair-title">
      <h2 id="pair-title">{t('pair.title')}</h2>
      {pair.waitingFor ? (
        <Waiting family={pair.waitingFor} pair={pair} />
      ) : (
        <>
          <LookAround onPair={pair.start} />
          {families.map((family) => (
            <ByAddress key={family.id} family={family} onPair={pair.start} />
          ))}
        </>
      )}
      {families.map((family) => (
        <Paired key={family.id} family={family} />
      ))}
    </section>
  );
}

interface Pair {
  waitingFor: AdapterView | undefined;
  /** Epoch ms. Counted here for the eye alone: the hub says when it is over. */
  deadline: number;
  start(adapter: string, host: string): void;
  callOff(): void;
}

function usePairing(): Pair {
  const { store, actions, clock } = usePanel();
  const call = useRef<AbortController | null>(null);
  const adapter = useSignal('');
  const deadline = useSignal(0);
  useEffect(() => () => call.current?.abort(), []);
  const familyOf = (id: string): AdapterView | undefined => store.adapters.value?.find((each) => each.id === id);
  return {
    waitingFor: store.pending.value.has('pair') ? familyOf(adapter.value) : undefined,
    deadline: deadline.value,
    start: (id, host) => {
      call.current = new AbortController();
      adapter.value = id;
      deadline.value = clock.wall() + (familyOf(id)?.pairing?.patience ?? 0) * 1000;
      void actions.pair(id, host, call.current.signal);
    },
    callOff: () => call.current?.abort(),
  };
}

const WAITING = { 'link-button': 'pair.waiting', join: 'pair.join', none: 'pair.none' } as const;

/** Where a person need do nothing, there is nothing to be called pairing. */
const isOnlyAdded = (family: AdapterView | undefined): boolean => family?.pairing?.act === 'none';

function Waiting({ family, pair }: { family: AdapterView; pair: Pair }) {
  const { store } = usePanel();
  const { t, format } = store.i18n.value;
  const patience = (family.pairing?.patience ?? 0) * 1000;
  // The clock of the page ticks once a second: it may not have begun to count.
  const left = Math.min(patience, Math.max(0, pair.deadline - store.now.value));
  return (
    <div class="form">
      <p role="status">{t(WAITING[family.pairing?.act ?? 'none'])}</p>
      <p class="muted">{t('pair.left', { left: format.span(left) })}</p>
      <button type="button" class="button" onClick={pair.callOff}>
        {t('pair.cancel')}
      </button>
    </div>
  );
}

function LookAround({ onPair }: { onPair: Pair['start'] }) {
  const { store, actions } = usePanel();
  const { t, code } = store.i18n.value;
  const looking = store.pending.value.has('discover');
  const found = store.found.value;
  const nothing = found && !looking && found.candidates.length + found.hidden.length === 0;
  return (
    <>
      <button type="button" class="button" data-kind="primary" aria-busy={looking} onClick={() => void actions.discover()}>
        {t('pair.look')}
      </button>
      <p role="status">{looking ? t('pair.looking') : nothing && t('pair.nothing')}</p>
      {found && !looking && (
        <ul class="found">
          {found.candidates.map((candidate) => (
            <Candidate key={`${candidate.adapter} ${candidate.id}`} candidate={candidate} onPair={onPair} />
          ))}
          {found.hidden.map(({ id, name }) => (
            <li key={id}>
              <div>
                {name}
                <p class="muted">{t('pair.forgotten')}</p>
              </div>
              <button type="button" class="button" onClick={() => void actions.readmitDevice(id)}>
                {t('pair.readmit')}
              </button>
            </li>
          ))}
        </ul>
      )}
      {found?.failed.map(({ adapter, code: problem, params }) => (
        <p key={adapter} role="status">
          {code(problem, params)}
        </p>
      ))}
    </>
  );
}

function Candidate({ candidate, onPair }: { candidate: CandidateView; onPair: Pair['start'] }) {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const { adapter, name, host, paired } = candidate;
  const isAdded = isOnlyAdded(store.adapters.value?.find(({ id }) => id === adapter));
  return (
    <li>
      <div>
        {name}
        <p class="path">{host}</p>
      </div>
      {paired ? (
        <span class="badge">{t('pair.paired')}</span>
      ) : (
        <button
          type="button"
          class="button"
          aria-label={t(isAdded ? 'pair.add_label' : 'pair.start_label', { name })}
          onClick={() => onPair(adapter, host)}
        >
          {t(isAdded ? 'pair.add' : 'pair.start')}
        </button>
      )}
    </li>
  );
}

function ByAddress({ family, onPair }: { family: AdapterView; onPair: Pair['start'] }) {
  const { t } = usePanel().store.i18n.value;
  const host = useSignal('');
  const needsHost = family.pairing?.host ?? false;
  const start = (event: Event): void => {
    event.preventDefault();
    onPair(family.id, host.value.trim());
  };
  const field = `pair-host-${family.id}`;
  return (
    <form class="form" onSubmit={start}>
      {needsHost && (
        <>
          <label for={field}>{t(isOnlyAdded(family) ? 'pair.host_any' : 'pair.host', { family: family.name })}</label>
          <input
            id={field}
            required
            autoComplete="off"
            autoCapitalize="off"
            spellcheck={false}
            aria-describedby={`${field}-hint`}
            value={host}
            onInput={({ currentTarget }) => (host.value = currentTarget.value)}
          />
          <p id={`${field}-hint`} class="muted">
            {t('pair.host_hint')}
          </p>
        </>
      )}
      <button type="submit" class="button">
        {needsHost ? t(isOnlyAdded(family) ? 'pair.add' : 'pair.start') : t('pair.start_family', { family: family.name })}
      </button>
    </form>
  );
}

function Paired({ family }: { family: AdapterView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  if (family.paired.length === 0) return null;
  return (
    <ul class="found" aria-label={t('pair.paired_with', { family: family.name })}>
      {family.paired.map(({ id, name, host }) => (
        <li key={id}>
          <div>
            {name}
            <p class="path">{host ?? id}</p>
          </div>
          <Confirm
            label={t('pair.end')}
            question={t(isOnlyAdded(family) ? 'pair.drop_question' : 'pair.end_question', { name })}
            busy={store.pending.value.has(`unpair:${id}`)}
            onConfirm={() => void actions.unpair(family.id, id)}
          />
        </li>
      ))}
    </ul>
  );
}
