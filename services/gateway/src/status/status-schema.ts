import { timeField } from '@quartet/common/http/routes/answers.ts';
import * as z from 'zod';

const age = z.number().min(0).nullable().meta({
  description: 'Seconds that the oldest has waited; null while nothing waits, and when nobody knows',
});
const service = z.string().meta({ description: 'The name of a service', examples: ['items'] });
const replica = z.string().meta({ description: 'The id of one process, new at each of its starts' });

const waiting = z.object({ waiting: z.int().min(0), oldest_age_seconds: age });

const replicaStatus = z.object({
  id: replica,
  version: z.string().meta({ description: 'The version of its packages' }),
  started_at: timeField,
  is_ready: z
    .boolean()
    .nullable()
    .meta({ description: 'Whether it should get requests; null: it has not answered' }),
  problems: z.array(z.string()).meta({ description: 'Why it is not ready' }),
  notes: z.array(z.string()).meta({ description: 'Faults that stop no request' }),
});

const unanswered = z.object({
  part: z
    .enum(['broker', 'service', 'replica', 'outbox', 'consumer', 'emails', 'dead_letters', 'documents'])
    .meta({
      description:
        '`service`: no replica of it answered; `outbox` and what follows: no replica could read it',
    }),
  service: service.nullable().meta({ description: 'Whose part it is; null for the broker' }),
  replica: replica.nullable().meta({ description: 'Which one did not answer, when others did' }),
});

const orUnread = 'null when it could not be read in time';

export const statusPublic = z
  .object({
    at: timeField.meta({ description: 'When the services were asked: up to about 3 s ago' }),
    unanswered: z
      .array(unanswered)
      .meta({ description: 'What did not answer in time; without the broker, only this gateway answers' }),
    services: z.array(
      z.object({
        name: service,
        replicas: z.array(replicaStatus).meta({
          description:
            'Those that answered, and those that have answered in the last 5 minutes without having ended',
        }),
      }),
    ),
    outboxes: z
      .array(waiting.extend({ service }))
      .meta({ description: 'Documents with events that are not published yet, by service' }),
    consumers: z
      .array(
        z.object({
          service,
          pending: z.int().min(0).meta({ description: 'Events that have not been delivered' }),
          ack_pending: z
            .int()
            .min(0)
            .meta({ description: 'Events in flight, or in a pause before the next attempt' }),
          redelivered: z.int().min(0).meta({ description: 'Those of them that were delivered before' }),
          oldest_age_seconds: age,
        }),
      )
      .meta({ description: 'Events that wait for a service' }),
    emails: waiting.nullable().meta({ description: `E-mails that are queued; ${orUnread}` }),
    dead_letters: waiting
      .nullable()
      .meta({ description: `Dead letters that were neither replayed nor discarded; ${orUnread}` }),
    documents: z
      .array(
        z.object({
          service,
          name: z.string().meta({ description: 'What they are', examples: ['items'] }),
          count: z.int().min(0),
        }),
      )
      .meta({ description: 'How many users, items and so on there are, by service' }),
  })
  .meta({
    id: 'StatusPublic',
    examples: [
      {
        at: '2026-11-22T10:00:00.000Z',
        unanswered: [{ part: 'service', service: 'auth', replica: null }],
        services: [
          {
            name: 'items',
            replicas: [
              {
                id: '3f2a9c1d5b7e8f60',
                version: '0.2.0',
                started_at: '2026-11-22T08:00:00.000Z',
                is_ready: true,
                problems: [],
                notes: [],
              },
            ],
          },
          { name: 'auth', replicas: [] },
        ],
        outboxes: [{ service: 'items', waiting: 0, oldest_age_seconds: null }],
        consumers: [
          { service: 'items', pending: 0, ack_pending: 1, redelivered: 0, oldest_age_seconds: 0.4 },
        ],
        emails: { waiting: 2, oldest_age_seconds: 31.5 },
        dead_letters: { waiting: 0, oldest_age_seconds: null },
        documents: [{ service: 'items', name: 'items', count: 42 }],
      },
    ],
  });

export type StatusPublic = z.output<typeof statusPublic>;
