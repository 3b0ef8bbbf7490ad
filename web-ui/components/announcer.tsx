import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { MoodLabel } from '../../daemon/mood/mood.ts';
import { usePanel } from '../state/context.ts';

/** Tells screen readers when the mood of a room changes: the label alone, since numbers change all the time. */
export function Announcer() {
  const { store } = usePanel();
  const labels = useRef<ReadonlyMap<string, MoodLabel>>(new Map());
  const text = useSignal('');
  const rooms = store.house.value?.rooms;
  useEffect(() => {
    const { t } = store.i18n.value;
    const changed: string[] = [];
    const next = new Map<string, MoodLabel>();
    for (const { id, name, mood } of rooms ?? []) {
      if (!mood) continue;
      const before = labels.current.get(id);
      if (before && before !== mood.label) changed.push(t('mood.changed', { room: name, mood: t(`mood.${mood.label}`) }));
      next.set(id, mood.label);
    }
    labels.current = next;
    if (changed.length > 0) text.value = changed.join('. ');
  }, [rooms, store, text]);
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {text}
    </p>
  );
}
