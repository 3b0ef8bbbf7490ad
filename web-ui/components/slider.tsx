import { useSignal } from '@preact/signals';
import { useEffect, useId, useMemo, useRef } from 'preact/hooks';
import { usePanel } from '../state/context.ts';
import { debounce } from '../state/debounce.ts';

interface SliderProps {
  label: string;
  min: number;
  max: number;
  step?: number;
  value: number;
  /** The value in words, beside the slider and for screen readers. */
  text(value: number): string;
  /** CSS background of the track, where it means something. */
  track?: string;
  disabled?: boolean;
  onWish(value: number): void;
}

/** Milliseconds. `settle`: a wish goes out when the hand rests, since each one is kept and audited. `echo`: how long the hub may take to show it. */
const WAIT = { settle: 200, echo: 2500 } as const;

/** Shows the person's own value while it is moved, and until the hub reports back. */
export function Slider({ label, min, max, step = 1, value, text, track, disabled, onWish }: SliderProps) {
  const { clock } = usePanel();
  const id = useId();
  const draft = useSignal<number | null>(null);
  const wish = useRef(onWish);
  wish.current = onWish;
  const outgoing = useMemo(() => debounce<number>({ clock, wait: WAIT.settle, send: (chosen) => wish.current(chosen) }), [clock]);
  const forget = useMemo(() => debounce<null>({ clock, wait: WAIT.echo, send: () => (draft.value = null) }), [clock, draft]);
  useEffect(() => () => outgoing.flush(), [outgoing]);

  const shown = draft.value ?? Math.min(max, Math.max(min, value));
  const words = text(shown);
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <output for={id}>{words}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={shown}
        disabled={disabled}
        aria-valuetext={words}
        data-track={track ? 'own' : 'plain'}
        style={{ '--track': track ?? 'none', '--fill': `${(100 * (shown - min)) / Math.max(1e-9, max - min)}%` }}
        onInput={({ currentTarget }) => {
          draft.value = currentTarget.valueAsNumber;
          outgoing.push(draft.value);
          forget.push(null);
        }}
        onChange={() => outgoing.flush()}
      />
    </div>
  );
}
