import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '@quartet/common/process/metrics.ts';
import { inSpan, type TraceHeaders, type Tracing } from '@quartet/common/telemetry/tracing.ts';
import { errors } from 'undici';
import type { HeaderList } from '../proxy/forwarded-headers.ts';
import type { Failure } from '../proxy/proxy-response.ts';
import type { UpstreamInstance } from './upstream-instance.ts';

export type InstrumentTry = (
  instance: UpstreamInstance,
  req: IncomingMessage,
  res: ServerResponse,
  attempt: (trace: HeaderList) => Promise<Failure | undefined>,
) => Promise<Failure | undefined>;

export type UpstreamInstrumentation = (service: string) => InstrumentTry;

export function createUpstreamInstrumentation(tracing: Tracing, metrics?: Metrics): UpstreamInstrumentation {
  const inFlight: Record<string, number> = {};
  metrics?.observe(
    'upstream_requests_in_flight',
    'Requests that wait for a service, or for the end of its answer',
    async () => inFlight,
    'service',
  );
  const failed = metrics?.countBy('upstream_failures_total', 'Tries at a service that failed', [
    'service',
    'reason',
  ]);

  return (service) => async (instance, req, res, attempt) => {
    const fields = tracing.isOn ? fieldsOf(instance, req) : {};
    inFlight[service] = (inFlight[service] ?? 0) + 1;
    try {
      return await inSpan(tracing, req.method ?? '', { kind: 'client', fields }, async (span) => {
        const failure = await attempt(listOf(span.headers()));
        if (failure && !failure.byCaller) {
          const reason = reasonOf(failure);
          failed?.({ service, reason });
          span.fail(reason);
        }
        if (!failure) span.set({ 'http.response.status_code': res.statusCode });
        return failure;
      });
    } finally {
      inFlight[service] -= 1;
    }
  };
}

function fieldsOf({ url }: UpstreamInstance, { method }: IncomingMessage) {
  const { hostname, port } = new URL(url);
  return {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': Number(port) || undefined,
  };
}

/** The reason is a metric's label, so it is one of a few fixed words. */
function reasonOf({ error, reached }: Failure): string {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return 'timeout';
  return reached ? 'broken' : 'unreachable';
}

const listOf = (headers: TraceHeaders): HeaderList =>
  Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
