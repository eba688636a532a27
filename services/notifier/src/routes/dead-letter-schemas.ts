import type { DeadLetter } from '@quartet/common/events/dead-letters/dead-letters.ts';
import { countField, timeField } from '@quartet/common/http/routes/answers.ts';
import * as z from 'zod';

const example = {
  id: '1',
  consumer: 'items',
  subject: 'user.deleted',
  reason: 'MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:27017',
  attempts: 12,
  event: {
    specversion: '1.0',
    id: '5f0b8a4e-6c1d-4b6f-9a53-0e7d2c9b1f48',
    source: '/quartet/auth',
    type: 'user.deleted',
    subject: '65f1c0ffee15600d5eed0001',
    time: '2026-11-22T10:00:00.000Z',
    datacontenttype: 'application/json',
    dataschema: 'urn:quartet:event:user.deleted:1',
    data: { user_id: '65f1c0ffee15600d5eed0001', email: 'ada@example.com' },
  },
  first_seen_at: '2026-11-22T10:00:00.000Z',
  dead_at: '2026-11-22T12:43:00.000Z',
};

const formerEnd = z.object({ reason: z.string(), attempts: z.int().min(0), dead_at: timeField });

export const deadLetterPublic = z
  .object({
    id: z.string(),
    consumer: z.string().meta({ description: 'Who gave it up' }),
    subject: z.string().meta({ description: 'Type of the event' }),
    reason: z.string(),
    attempts: z.int().min(0),
    event: z.unknown().meta({ description: 'The envelope, or the raw text when it is none' }),
    first_seen_at: timeField,
    dead_at: timeField,
    history: z
      .array(formerEnd)
      .optional()
      .meta({ description: 'Its former ends, oldest first, when it was replayed before' }),
  })
  .meta({ id: 'DeadLetterPublic', examples: [example] });

export type DeadLetterPublic = z.output<typeof deadLetterPublic>;

export const deadLettersPublic = z
  .object({ data: z.array(deadLetterPublic), count: countField })
  .meta({ id: 'DeadLettersPublic', examples: [{ data: [example], count: 1 }] });

export function toDeadLetterPublic({ history, ...letter }: DeadLetter): DeadLetterPublic {
  return history.length === 0 ? letter : { ...letter, history };
}
