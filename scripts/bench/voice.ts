import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { Perception, type VoiceReader } from '../../daemon/senses/perception/perception.ts';
import { CHUNK, SAMPLE_RATE } from '../../daemon/senses/perception/voice/vad.ts';
import { decodeSound } from '../../test/helpers/decode.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Benchmark, median, overRepeats, quantile } from './report.ts';

const CHUNK_MS = (1000 * CHUNK) / SAMPLE_RATE;
/** Three seconds of a sentence of an inaugural address (J. F. Kennedy, 1961), from its first word on, s. */
const FROM = 0.3;
const SECONDS = 3;
/** Ends a segment of that length, s. */
const SILENCE = 0.5;

/** What listening costs: every 32 ms while somebody speaks, and all of it for three seconds of speech. */
export const voice: Benchmark = {
  async run({ progress, quick }) {
    const repeats = 5;
    const segments = quick ? 3 : 20;
    const speech = await decodeSound(shared('media/jfk.flac'));
    const sentence = new Int16Array((SECONDS + SILENCE) * SAMPLE_RATE);
    sentence.set(speech.subarray(FROM * SAMPLE_RATE, (FROM + SECONDS) * SAMPLE_RATE));
    const perception = await start();
    const models = ['voice-activity', 'voice-arousal', 'voice-emotion'].map((role) => perception.used.get(role)).join(', ');
    const wholes: number[] = [];
    const medians: number[] = [];
    const worst: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`repeat ${repeat + 1} of ${repeats}, ${segments} segments`);
      const microphone = perception.microphone({ id: 'mic', room: 'bench' });
      wholes.push(median(await segmentTimes(microphone, sentence, segments)));
      const chunks = await chunkTimes(microphone, speech);
      medians.push(median(chunks));
      worst.push(quantile(chunks, 0.95));
      await microphone.close();
    }
    await perception.close();
    const perChunk = `from ${CHUNK_MS} ms of sound handed to the reader until they are read, while somebody speaks, readings of segments among them (${models}); 11 s of speech in each of ${repeats} runs; the target is what the sound itself lasts`;
    const n = repeats * Math.floor(speech.length / CHUNK);
    return [
      {
        name: 'voice.segment_ms',
        ...overRepeats(wholes),
        unit: 'ms',
        target: 100,
        better: 'lower',
        n: repeats * segments,
        definition: `all that is computed for ${SECONDS} s of speech and the silence that ends them, handed over at once, until the observation is there: voice activity, prosody and the networks (${models}); medians of ${segments} segments in each of ${repeats} runs`,
      },
      {
        name: 'stage.voice_ms',
        ...overRepeats(medians),
        unit: 'ms',
        target: CHUNK_MS,
        better: 'lower',
        n,
        definition: `median ${perChunk}`,
      },
      {
        name: 'stage.voice_p95_ms',
        ...overRepeats(worst),
        unit: 'ms',
        target: CHUNK_MS,
        better: 'lower',
        n,
        definition: `95th percentile ${perChunk}`,
      },
    ];
  },
};

async function start(): Promise<Perception & { used: Map<string, string | null> }> {
  const used = new Map<string, string | null>();
  const perception = new Perception({
    log: pino({ level: 'silent' }),
    dirs: [fileURLToPath(new URL('../../models', import.meta.url)), shared('models')],
    threads: 1,
    onModel: (role, model) => used.set(role, model),
  });
  await perception.start();
  return Object.assign(perception, { used });
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
