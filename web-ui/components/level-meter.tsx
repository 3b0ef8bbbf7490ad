import { useEffect, useRef } from 'preact/hooks';
import type { Clock } from '../../daemon/api/clock.ts';
import { levelOf } from '../capture/level.ts';

/** ms */
const EVERY = 80;

/** How loud this device hears, measured in the page itself. */
export function LevelMeter({ stream, clock, label }: { stream: MediaStream; clock: Clock; label: string }) {
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(stream).connect(analyser);
    // Begins suspended where nobody has touched the page yet.
    void context.resume();
    const samples = new Float32Array(analyser.fftSize);
    const timer = clock.every(EVERY, () => {
      analyser.getFloatTimeDomainData(samples);
      if (bar.current) bar.current.style.inlineSize = `${100 * levelOf(samples)}%`;
    });
    return () => {
      timer.cancel();
      void context.close();
    };
  }, [stream, clock]);
  return (
    <div class="level" role="img" aria-label={label}>
      <span ref={bar} />
    </div>
  );
}
