import type { Readable } from 'node:stream';
import { createParser } from 'eventsource-parser';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';

const MAX_BUFFERED_CHARS = 4 * 1024 * 1024;

export interface EventStreamOptions {
  host: string;
  clock: Clock;
  /** ms without a byte after which the stream counts as dead: a bridge sends no sign of life of its own. */
  silence: number;
  /** @returns false to read no further */
  onMessage(message: { id: string | undefined; data: string }): boolean;
}

/**
 * Reads server-sent events until `onMessage` has enough.
 * @throws RoomtoneError `device.timeout` after silence, `device.unreachable` at the end, `hue.bad_answer`; and what `onMessage` throws
 */
export async function readEvents(stream: Readable, { host, clock, silence, onMessage }: EventStreamOptions): Promise<void> {
  let enough = false;
  const parser = createParser({
    maxBufferSize: MAX_BUFFERED_CHARS,
    onEvent: ({ id, data }) => {
      enough = !onMessage({ id, data }) || enough;
    },
  });
  const watch = (): Timer => clock.after(silence, () => stream.destroy(new RoomtoneError('device.timeout', { params: { device: host } })));
  let watchdog = watch();
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      watchdog.cancel();
      watchdog = watch();
      parser.feed(chunk);
      if (enough) return;
    }
  } catch (cause) {
    if (cause instanceof RoomtoneError) throw cause;
    throw new RoomtoneError('device.unreachable', { params: { device: host }, cause });
  } finally {
    watchdog.cancel();
    stream.destroy();
  }
  throw new RoomtoneError('device.unreachable', { params: { device: host } });
}
