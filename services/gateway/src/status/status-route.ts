import type { StatusGatherer } from '@quartet/common/events/status/status-gatherer.ts';
import { Reply, route } from '@quartet/common/http/routes/route.ts';
import { statusPublic } from './status-schema.ts';
import { toStatus } from './to-status.ts';

export const statusRoute = (services: readonly string[], gatherer: StatusGatherer) =>
  route({
    method: 'GET',
    path: '/status/',
    access: 'superuser',
    operationId: 'utils-read_status',
    summary: 'Read what is up and what waits',
    description:
      'The gateway asks every replica of every service through the broker, at most once a second for all callers, and answers within 2 s also when some are away: `unanswered` says which parts did not answer. Numbers that take long to count are up to 15 s old.',
    answer: { schema: statusPublic },
    handler: async () =>
      new Reply(toStatus(services, await gatherer.gather()), { 'Cache-Control': 'no-store' }),
  });
