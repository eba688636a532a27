import { tooManyRequests, unavailable } from '@quartet/common/errors.ts';
import { type Route, route, StreamedReply } from '@quartet/common/http/routes/route.ts';
import * as z from 'zod';
import { EXAMPLE_TICKET, liveHeaders, liveQuery } from './last-event-id.ts';
import type { LiveUpdates } from './live-updates.ts';
import { TICKET_LIFE_SECONDS, type Tickets } from './tickets.ts';

const EXAMPLE = `id: 4711
event: item.created
data: {"specversion":"1.0","type":"item.created","data":{"item_id":"67136f2e8d9c0b1a2f3e4d5c"}}

`;

const ticketAnswer = z
  .object({
    ticket: z.string().meta({ description: 'For `GET /live?ticket=`' }),
    expires_in: z.int().meta({ description: 'Seconds' }),
  })
  .meta({
    id: 'LiveTicket',
    examples: [{ ticket: EXAMPLE_TICKET, expires_in: TICKET_LIFE_SECONDS }],
  });

export const liveRoutes = (live: Pick<LiveUpdates, 'resume' | 'begin'>, tickets: Tickets): Route[] => [
  route({
    method: 'GET',
    path: '/live',
    access: 'user',
    operationId: 'live-read_events',
    summary: 'Read events as they happen',
    description:
      'Server-sent events: `id` is the event’s place in the stream, `event` its type, `data` its CloudEvents envelope (see `/api/v1/asyncapi.json`). A user gets `item.*` of their own items, and `user.*` and `password.*` about themselves; a superuser gets everything. `Last-Event-ID`, or `last_event_id`, continues after that event; when what was missed is no longer kept, an event `reset` comes first. The stream ends with an event `end` and its reason.',
    query: liveQuery,
    headers: liveHeaders,
    answer: { schema: z.string(), mediaType: 'text/event-stream', example: EXAMPLE },
    refusals: [tooManyRequests, unavailable],
    identify: tickets.identify,
    async handler({ caller, query, headers }) {
      const { 'last-event-id': last = query.last_event_id } = liveHeaders.parse(headers);
      const resume = await live.resume(last);
      return new StreamedReply((res) => live.begin(res, caller, resume));
    },
  }),
  route({
    method: 'POST',
    path: '/live/tickets',
    access: 'user',
    operationId: 'live-create_ticket',
    summary: 'Get a ticket for one stream',
    description:
      'For `EventSource`, which sends no header. A ticket is good once, for 30 seconds, at any replica of the gateway, and only as long as the session of the token that asks for it.',
    answer: { schema: ticketAnswer },
    refusals: [tooManyRequests, unavailable],
    handler: async ({ caller }) => ({
      ticket: await tickets.issue(caller),
      expires_in: TICKET_LIFE_SECONDS,
    }),
  }),
];
