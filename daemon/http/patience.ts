import type { FastifyReply } from 'fastify';
import { RoomtoneError } from '../api/errors.ts';
import type { AppContext } from './context.ts';

/**
 * Does something that takes a while, such as waiting for somebody to walk to a bridge and press its button.
 * @param signal aborts when it has taken too long, and at once when the person who asked has gone
 * @throws RoomtoneError `device.timeout`, and what the work throws
 */
export async function patiently<T>(
  reply: FastifyReply,
  { clock, ms, device }: Pick<AppContext, 'clock'> & { ms: number; device: string },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(new RoomtoneError('device.timeout', { params: { device } }));
  const timer = clock.after(ms, giveUp);
  reply.raw.once('close', giveUp);
  try {
    return await work(controller.signal);
  } finally {
    timer.cancel();
    reply.raw.off('close', giveUp);
  }
}
