import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { Perception, type VoiceReader } from '../../daemon/senses/perception/perception.ts';
import { CHUNK, SAMPLE_RATE } from '../../daemon/senses/perception/voice/vad.ts';
import { ROLES_OF } from '../../daemon/senses/protocol.ts';
import { decodeSound } from '../../test/helpers/decode.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Benchmark, median, overRepeats, quantile, type Run } from './report.ts';

const CHUNK_MS = (1000 * CHUNK) / SAMPLE_RATE;
const SPEECH = 'media/jfk.flac';
/** Three seconds of an inaugural address (J. F. Kennedy, 1961), from its first word on, s. */
const FROM = 0.3;
const SECONDS = 3;
/** Ends a segment of that length, s. */
const SILENCE = 0.5;

const REPEATS = 5;

/** What it costs to read three seconds of speech. */
export const voiceSegment: Benchmark = {
  async run({ progress, quick }) {
    const segments = quick ? 3 : 20;
    const speech = await decodeSound(shared(SPEECH));
    const sentence = new Int16Array((SECONDS + SILENCE) * SAMPLE_RATE);
    sentence.set(speech.subarray(FROM * SAMPLE_RATE, (FROM + SECONDS) * SAMPLE_RATE));
    const { repeats, models } = await repeat((microphone) => segmentTimes(microphone, sentence, segments), progress);
    return [
      {
        name: 'voice.segment_ms',
        ...overRepeats(repeats.map(median)),
        unit: 'ms',
        target: 100,
        better: 'lower',
        n: REPEATS * segments,
        definition: `all that is computed for ${SECONDS} s of speech and the silence that ends them, handed over at once, until the observation is there: voice activity, prosody and the networks (${models}), one thread; medians of ${segments} segments in each of ${REPEATS} runs`,
      },
    ];
  },
};

/** What it costs to listen while somebody speaks. */
export const voiceStage: Benchmark = {
  async run({ progress }) {
    const speech = await decodeSound(shared(SPEECH));
    const { repeats, models } = await repeat((microphone) => chunkTimes(microphone, speech), progress);
    const where = `${CHUNK_MS} ms of sound, from handing them to the reader until they are read, while somebody speaks, the chunks among them that end a segment (${models}), one thread; 11 s of speech in each of ${REPEATS} runs; the target is how long the sound lasts`;
    const common = { unit: 'ms', target: CHUNK_MS, better: 'lower', n: repeats.flat().length } as const;
    return [
      { name: 'stage.voice_ms', ...overRepeats(repeats.map(median)), ...common, definition: `median of ${where}` },
      {
        name: 'stage.voice_p95_ms',
        ...overRepeats(repeats.map((times) => quantile(times, 0.95))),
        ...common,
        definition: `95th percentile of ${where}`,
      },
    ];
  },
};

/** Times in ms, taken anew by a new reader in each run, and which models read. */
async function repeat(
  measure: (microphone: VoiceReader) => Promise<number[]>,
  progress: Run['progress'],
): Promise<{ repeats: number[][]; models: string }> {
  const used: string[] = [];
  const perception = new Perception({
    log: pino({ level: 'silent' }),
    dirs: [fileURLToPath(new URL('../../models', import.meta.url)), shared('models')],
    threads: 1,
    onModel: (_role, model) => used.push(model ?? 'none'),
  });
  await perception.need(ROLES_OF.microphone);
  const repeats: number[][] = [];
  for (let run = 1; run <= REPEATS; run++) {
    progress(`run ${run} of ${REPEATS}`);
    const microphone = perception.microphone({ id: 'mic', room: 'bench' });
    repeats.push(await measure(microphone));
    await microphone.close();
  }
  await perception.close();
  return { repeats, models: used.join(', ') };
}

/** Ms for each segment, the first (a warm-up) left out. */
async function segmentTimes(microphone: VoiceReader, sentence: Int16Array, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i <= count; i++) {
    const began = performance.now();
    const observations = await microphone.push(sentence, (SECONDS + SILENCE) * 1000 * i);
    times.push(performance.now() - began);
    const judged = observations.filter((each) => each.modality === 'voice' && each.affect !== undefined);
    if (judged.length !== 1) throw new Error(`the sentence was read as ${judged.length} judged segments, not one`);
  }
  return times.slice(1);
}

async function chunkTimes(microphone: VoiceReader, speech: Int16Array): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at + CHUNK <= speech.length; at += CHUNK) {
    const began = performance.now();
    await microphone.push(speech.subarray(at, at + CHUNK), 1e6 + (at * 1000) / SAMPLE_RATE);
    times.push(performance.now() - began);
  }
  return times;
}
