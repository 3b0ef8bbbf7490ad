import type { MoodLabel } from '../../daemon/mood/mood.ts';

interface ToneMarkProps {
  size: number;
  /** Absent: no reading. */
  mood?: MoodLabel | undefined;
  /** 0..1 */
  confidence?: number | undefined;
}

const RADIUS = 20;
const ROUND = 2 * Math.PI * RADIUS;

/** A room's tone: a disc in the color of the mood within a ring that closes as confidence grows. Its meaning stands in words beside it. */
export function ToneMark({ size, mood, confidence = 0 }: ToneMarkProps) {
  return (
    <svg class="tone-mark" data-mood={mood ?? 'none'} width={size} height={size} viewBox="0 0 48 48" aria-hidden="true">
      <circle class="tone-rest" cx="24" cy="24" r={RADIUS} />
      {mood && (
        <circle
          class="tone-ring"
          cx="24"
          cy="24"
          r={RADIUS}
          stroke-dasharray={`${confidence * ROUND} ${ROUND}`}
          transform="rotate(-90 24 24)"
        />
      )}
      <circle class="tone-disc" cx="24" cy="24" r={mood ? 12 : 5} />
    </svg>
  );
}
