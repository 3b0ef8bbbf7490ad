import pino from 'pino';
import { systemClock } from '../api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import { TEXT_SOURCE } from '../api/text.ts';
import { Outbox } from './outbox.ts';
import type { Perception, PerceptionOptions } from './perception/perception.ts';
import { type DesiredState, downMessageSchema, PROTOCOL_VERSION, ROLES_OF, type Signal, type TextMessage } from './protocol.ts';
import { Sources } from './sources.ts';

const HEARTBEAT = 1000;

/**
 * Runs the senses in this process: the one process in which pictures and sound exist, and in which messages are read. Started by supervisor.ts inside the
 * sandbox; what it may be told and may tell is in protocol.ts. It ends when the hub does.
 */
export function runSenses(createPerception: (options: PerceptionOptions) => Perception): void {
  const log = pino({ level: process.env.ROOMTONE_LOG_LEVEL ?? 'info', base: null }, pino.destination({ fd: 1, sync: true }));
  const clock = systemClock;
  const outbox = new Outbox({
    send: (message, done) => {
      if (process.connected) process.send?.(message, undefined, undefined, done);
    },
  });

  let senses: { perception: Perception; sources: Sources } | null = null;
  let wanted: DesiredState | null = null;
  let applying: Promise<void> | null = null;
  let applied = 0;
  let ending = false;

  function heartbeat(): void {
    outbox.report({ type: 'heartbeat', at: clock.mono(), applied, dropped: outbox.dropped });
  }

  async function wake({ models, tuning }: DesiredState): Promise<{ perception: Perception; sources: Sources }> {
    const perception = createPerception({
      ...models,
      ...(tuning !== undefined && { tuning }),
      log,
      onModel: (role, model, problem) => outbox.report({ type: 'model', role, model, problem }),
      onThreads: (report) => outbox.report({ type: 'threads', ...report }),
    });
    const sources = new Sources({
      log,
      clock,
      perception,
      random: Math.random,
      env: process.env,
      onReport: (report) => outbox.report(report),
      onObservations: (source, observations) => outbox.observations(source, observations),
      onEnded: (source, session, problem) => outbox.report({ type: 'session-ended', source, session, problem }),
    });
    return { perception, sources };
  }

  /** Works through the wanted states, the newest first; those in between are skipped. */
  async function applyWanted(): Promise<void> {
    for (let next = wanted; next && !ending; next = wanted) {
      wanted = null;
      senses ??= await wake(next);
      await senses.perception.need(next.sources.flatMap(({ kind }) => ROLES_OF[kind]));
      await senses.sources.apply(next.sources);
      applied = next.revision;
      heartbeat();
    }
    applying = null;
  }

  /** Reads what somebody wrote. Not even an error that was thrown meanwhile is logged: it might quote the message. */
  async function read({ id, room, text, at }: TextMessage): Promise<void> {
    await applying;
    try {
      const reading = await senses?.perception.read(text);
      const common = { v: 1, id: `${TEXT_SOURCE}.${id}`, room, source: TEXT_SOURCE, at, modality: 'text' } as const;
      if (reading) outbox.observations(`${TEXT_SOURCE} ${room}`, [{ ...common, ...reading }]);
    } catch {
      log.warn({ event: 'text.unread' }, 'a message could not be read');
    }
    outbox.report({ type: 'text', id });
  }

  /** What was wanted before it was said is applied first. */
  async function answer(signal: Signal): Promise<void> {
    const { id, source } = signal;
    try {
      await applying;
      if (!senses) throw new RoomtoneError('api.unknown_source', { params: { source } });
      outbox.report({ type: 'signalled', id, words: await senses.sources.signal(signal), problem: null });
    } catch (thrown) {
      const { code, params } = toRoomtoneError(thrown);
      if (code === 'internal.unexpected') log.error({ err: thrown, source, event: 'phone.signal_failed' });
      outbox.report({ type: 'signalled', id, words: null, problem: { code, params } });
    }
  }

  async function end(): Promise<void> {
    if (ending) return;
    ending = true;
    await applying;
    await senses?.sources.apply([]);
    await senses?.perception.close();
    process.exit();
  }

  process.on('message', (raw) => {
    const message = downMessageSchema.parse(raw);
    if (message.type === 'shutdown') return void end();
    if (message.type === 'text') return void read(message);
    if (message.type === 'signal') return void answer(message);
    wanted = message;
    applying ??= applyWanted();
  });
  process.on('disconnect', end);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  clock.every(HEARTBEAT, heartbeat);
  outbox.report({ type: 'ready', v: PROTOCOL_VERSION, pid: process.pid });
}
