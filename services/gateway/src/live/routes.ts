import { tooManyRequests, unavailable } from '@quartet/common/errors.ts';
import { type Route, route, StreamedReply } from '@quartet/common/http/routes/route.ts';
import * as z from 'zod';
import { liveHeaders, liveQuery } from './last-event-id.ts';
import type { LiveUpdates } from './live-updates.ts';

const EXAMPLE = `id: 4711
event: item.created
data: {"specversion":"1.0","type":"item.created","data":{"item_id":"67136f2e8d9c0b1a2f3e4d5c"}}

`;

export const liveRoutes = (live: Pick<LiveUpdates, 'resume' | 'begin'>): Route[] => [
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
    async handler({ caller, query, headers }) {
      const { 'last-event-id': last = query.last_event_id } = liveHeaders.parse(headers);
      const resume = await live.resume(last);
      return new StreamedReply((res) => live.begin(res, caller, resume));
    },
  }),
];
