import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RoomtoneError } from '../../api/errors.ts';
import { answers } from '../answers.ts';
import type { AppContext } from '../context.ts';
import { identifyPublisher } from '../identity.ts';
import { modality, sourceView } from '../schemas.ts';

const sensor = {
  summary: 'What a device with a token bound to a source may know: that source, and the name of its room',
  response: answers(
    z.object({
      source: sourceView,
      room: z.string(),
      sensing: z.boolean().describe('House-wide'),
      reads: z.array(modality).describe("What the room's mood rests on of what the device sends"),
    }),
  ),
};

/** For a device that is a sensor and nothing else. */
export const sensorRoutes =
  (context: AppContext): FastifyPluginCallbackZod =>
  (app, _options, done) => {
    app.get('/api/sensor', { schema: sensor }, (request) => {
      const bound = identifyPublisher(request, context)?.source;
      if (bound === undefined) throw new RoomtoneError('auth.required');
      const { queries } = context.hub;
      const source = queries.source(bound);
      const { name, mood } = queries.room(source.room);
      const reads = (mood?.contributions ?? []).filter(({ source: from }) => from === bound).map(({ modality }) => modality);
      return { source, room: name, sensing: queries.house().sensing, reads };
    });
    done();
  };
