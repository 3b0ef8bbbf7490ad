import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { MAX_TEXT } from '../../daemon/api/text.ts';
import type { HouseView, RoomView } from '../../daemon/api/views.ts';
import { usePanel } from '../state/context.ts';

/** A few words to the room. The browser is asked to remember none of them, nor to send them to a spelling service. */
export function Tell({ house, room }: { house: HouseView; room: RoomView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const words = useSignal('');
  const field = useId();
  const isOff = !house.sensing || room.mode === 'off';

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const sent = words.value;
    if ((await actions.tell(room.id, sent)) && words.value === sent) words.value = '';
  };
  return (
    <section class="tell panel" aria-labelledby={`${field}-title`}>
      <h2 id={`${field}-title`}>{t('tell.title')}</h2>
      <form class="form" autoComplete="off" onSubmit={(event) => void submit(event)}>
        <input
          aria-labelledby={`${field}-title`}
          aria-describedby={`${field}-hint`}
          placeholder={t('tell.example')}
          autoComplete="off"
          spellcheck={false}
          maxLength={MAX_TEXT}
          required
          disabled={isOff}
          value={words}
          onInput={({ currentTarget }) => {
            words.value = currentTarget.value;
          }}
        />
        <button type="submit" class="button" disabled={isOff} aria-busy={store.pending.value.has(`tell:${room.id}`)}>
          {t('tell.send')}
        </button>
      </form>
      <p id={`${field}-hint`} class="muted">
        {t(isOff ? 'tell.off' : 'tell.hint')}
      </p>
    </section>
  );
}
