import type { FeedbackEntry, FeedbackView } from '../../daemon/api/learning.ts';
import type { RoomView } from '../../daemon/api/views.ts';
import { VERDICTS } from '../../daemon/mood/verdict.ts';
import { useI18n, usePanel } from '../state/context.ts';

/** A verdict on the mood, and all that was ever learned from verdicts in this room, each to be taken back. */
export function Feedback({ room }: { room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const { mood } = room;
  const isMute = !mood || mood.demo || mood.contributions.length === 0;
  const learned = store.feedback.value.get(room.id);
  return (
    <section class="feedback panel" aria-labelledby="feedback-title">
      <h2 id="feedback-title">{t('feedback.title')}</h2>
      <p class="muted">{t(mood?.demo ? 'feedback.demo' : 'feedback.meaning')}</p>
      <div class="feedback-verdicts" aria-busy={store.pending.value.has(`feedback:${room.id}`)}>
        {VERDICTS.map((verdict) => (
          <button key={verdict} type="button" class="button" disabled={isMute} onClick={() => void actions.say(room.id, verdict)}>
            {t(`feedback.${verdict}`)}
          </button>
        ))}
      </div>
      <details onToggle={({ currentTarget }) => currentTarget.open && void actions.loadFeedback(room.id)}>
        <summary>{t('feedback.learned')}</summary>
        {learned && <Learned room={room.id} view={learned} />}
      </details>
    </section>
  );
}

function Learned({ room, view }: { room: string; view: FeedbackView }) {
  const { t, format } = useI18n();
  if (view.entries.length === 0) return <p class="muted">{t('feedback.none')}</p>;
  return (
    <>
      <ul class="feedback-trust">
        {view.reliability.map(({ modality, set, learned }) => (
          <li key={modality}>
            <span>{t(`modality.${modality}`)}</span>
            <span class="figure">{t('feedback.trust', { learned: format.percent(learned), set: format.percent(set) })}</span>
          </li>
        ))}
        {view.scenes.map(({ scene, welcome, restsUntil }) => (
          <li key={scene}>
            <SceneName id={scene} />
            <span class="figure">
              {restsUntil !== null
                ? t('feedback.rests', { time: format.time(restsUntil) })
                : t(welcome ? 'feedback.welcome' : 'feedback.unwelcome')}
            </span>
          </li>
        ))}
      </ul>
      <ul class="feedback-entries">
        {view.entries.map((entry) => (
          <Entry key={entry.id} room={room} entry={entry} />
        ))}
      </ul>
    </>
  );
}

function Entry({ room, entry }: { room: string; entry: FeedbackEntry }) {
  const { store, actions } = usePanel();
  const { t, format } = store.i18n.value;
  const effects = entry.effects.map(({ modality, change }) => `${t(`modality.${modality}`)} ${format.signedPercent(change)}`);
  const busy = store.pending.value.has(`feedback:${room}`);
  return (
    <li>
      <div>
        <p class="dots">
          <b>{t(`feedback.${entry.verdict}`)}</b>
          <span>{t(`mood.${entry.label}`)}</span>
          <span>{format.dateTime(entry.at)}</span>
        </p>
        <p class="muted">{effects.length > 0 ? format.list(effects) : t('feedback.no_effect')}</p>
      </div>
      <button type="button" class="button" aria-busy={busy} onClick={() => void actions.takeBack(room, entry.id)}>
        {t('feedback.take_back')}
      </button>
    </li>
  );
}

function SceneName({ id }: { id: string }) {
  const scene = usePanel().store.house.value?.scenes.find((each) => each.id === id);
  return <span>{scene?.name ?? id}</span>;
}
