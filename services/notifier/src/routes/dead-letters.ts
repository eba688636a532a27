import { notFound } from '@quartet/common/errors.ts';
import type { DeadLetters } from '@quartet/common/events/dead-letters/dead-letters.ts';
import { filter, pageQuery } from '@quartet/common/http/input/fields.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import * as z from 'zod';
import { deadLetterPublic, deadLettersPublic, toDeadLetterPublic } from './dead-letter-schemas.ts';

const id = { description: "The dead letter's id", example: '1', maxLength: 32 };
const unknown = () => notFound('Dead letter not found');
const replayed = { message: 'Dead letter replayed' };
const discarded = { message: 'Dead letter discarded' };

const query = z.object({
  consumer: filter({ max: 64 })
    .optional()
    .meta({ description: 'Only those that this service gave up', example: 'items' }),
  ...pageQuery.shape,
});

export function deadLetterRoutes(letters: DeadLetters): Route[] {
  return [
    route({
      method: 'GET',
      path: '/dead-letters/',
      access: 'superuser',
      operationId: 'dead-letters-read_dead_letters',
      summary: 'List dead letters',
      description: 'Events that a service could not read, or tried too often; newest first.',
      query,
      answer: { schema: deadLettersPublic },
      async handler({ query: { consumer, ...page } }) {
        const { data, count } = await letters.list({ consumer }, page);
        return { data: data.map(toDeadLetterPublic), count };
      },
    }),
    route({
      method: 'GET',
      path: '/dead-letters/{id}',
      access: 'superuser',
      operationId: 'dead-letters-read_dead_letter',
      summary: 'Get a dead letter',
      description: 'The event as it came, and why it was given up.',
      params: { id },
      answer: { schema: deadLetterPublic },
      refusals: [unknown],
      async handler({ params }) {
        const letter = await letters.find(params.id);
        if (!letter) throw unknown();
        return toDeadLetterPublic(letter);
      },
    }),
    route({
      method: 'POST',
      path: '/dead-letters/{id}/replay',
      access: 'superuser',
      operationId: 'dead-letters-replay_dead_letter',
      summary: 'Replay a dead letter',
      description: 'Gives the event once more to the service that gave it up, and to no other.',
      params: { id },
      answer: { schema: message, example: replayed },
      refusals: [unknown],
      async handler({ params }) {
        if (!(await letters.replay(params.id))) throw unknown();
        return replayed;
      },
    }),
    route({
      method: 'DELETE',
      path: '/dead-letters/{id}',
      access: 'superuser',
      operationId: 'dead-letters-discard_dead_letter',
      summary: 'Discard a dead letter',
      description: 'For good: the event will have no effect on that service.',
      params: { id },
      answer: { schema: message, example: discarded },
      refusals: [unknown],
      async handler({ params }) {
        if (!(await letters.discard(params.id))) throw unknown();
        return discarded;
      },
    }),
  ];
}
