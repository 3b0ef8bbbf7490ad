import type { RoomView } from '../../daemon/api/views.ts';
import { EMOTIONS, type Probabilities } from '../../daemon/mood/emotion.ts';
import type { Contribution, Mood } from '../../daemon/mood/mood.ts';
import { useI18n, usePanel } from '../state/context.ts';
import { roomStatus } from '../state/select.ts';
import { Bar } from './bar.tsx';
import { Circumplex } from './circumplex.tsx';
import { Occupancy } from './occupancy.tsx';
import { Stress } from './stress.tsx';
import { ToneMark } from './tone-mark.tsx';

/** A reading older than this is shown with its age, ms. */
const OLD = 30_000;

/** People who feel so differently are said to. */
const DISAGREE = 0.3;

export function MoodPanel({ room }: { room: RoomView }) {
  const { store } = usePanel();
  const house = store.house.value;
  const status = house ? roomStatus(house, room) : 'waiting';
  if (room.mood && status === 'read') return <Reading mood={room.mood} room={room} />;
  return <NoReading status={status === 'read' ? 'waiting' : status} />;
}

function NoReading({ status }: { status: Exclude<ReturnType<typeof roomStatus>, 'read'> }) {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  return (
    <section class="mood panel" data-mood="none" aria-label={t('mood.title')}>
      <div class="mood-head">
        <ToneMark size={88} />
        <div>
          <p class="mood-label">{t(`status.${status}`)}</p>
          <p class="muted">{t(`status.hint_${status}`, { file: store.house.value?.config.file ?? '' })}</p>
        </div>
      </div>
    </section>
  );
}

function Reading({ mood, room }: { mood: Mood; room: RoomView }) {
  const { store } = usePanel();
  const { t, format } = store.i18n.value;
  const now = store.hubNow.value;
  return (
    <section class="mood panel" data-mood={mood.label} aria-label={t('mood.title')}>
      <div class="mood-head">
        <ToneMark size={88} mood={mood.label} confidence={mood.confidence} />
        <div>
          <p class="mood-label">
            {t(`mood.${mood.label}`)}
            {mood.demo && <span class="badge">{t('app.demo')}</span>}
          </p>
          <p class="mood-line dots">
            <span>{t('mood.mostly', { emotion: t(`emotion.${mood.emotion}`).toLocaleLowerCase(store.i18n.value.locale) })}</span>
            <Occupancy mood={mood} />
            {(mood.disagreement ?? 0) > DISAGREE && <span>{t('mood.disagree')}</span>}
            <span>{t('mood.confidence', { value: format.percent(mood.confidence) })}</span>
            {now - mood.at > OLD && <span>{t('mood.as_of', { time: format.relative(mood.at, now) })}</span>}
          </p>
        </div>
      </div>
      <div class="mood-detail">
        <Circumplex affect={mood} label={mood.label} trail={store.trails.value.get(room.id) ?? []} />
        <div class="mood-figures">
          <Emotions probabilities={mood.probabilities} />
          <Stress mood={mood} />
          <Contributions contributions={mood.contributions} />
        </div>
      </div>
    </section>
  );
}

function Emotions({ probabilities }: { probabilities: Probabilities }) {
  const { t, format } = useI18n();
  const top = Math.max(...Object.values(probabilities));
  return (
    <div>
      <h3>{t('emotion.title')}</h3>
      <ul class="bars">
        {EMOTIONS.map((emotion) => (
          <li key={emotion} data-top={probabilities[emotion] === top}>
            <span>{t(`emotion.${emotion}`)}</span>
            <Bar share={probabilities[emotion]} />
            <span class="figure">{format.percent(probabilities[emotion])}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Contributions({ contributions }: { contributions: readonly Contribution[] }) {
  const { t, format } = useI18n();
  return (
    <div>
      <h3>{t('contributions.title')}</h3>
      {contributions.length === 0 && <p class="muted">{t('contributions.none')}</p>}
      <ul class="bars">
        {contributions.map(({ source, modality, weight, agrees }) => (
          <li key={`${source} ${modality}`}>
            <span class="dots">
              {modality !== 'text' && <span>{source}</span>}
              <span>{t(`modality.${modality}`)}</span>
              {agrees === false && <span>{t('contributions.against')}</span>}
            </span>
            <Bar share={weight} />
            <span class="figure">{format.percent(weight)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
