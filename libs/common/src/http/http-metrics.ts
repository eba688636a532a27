import type { Histogram } from 'prom-client';
import type { Metrics } from '../process/metrics.ts';

/** Counts requests by their route's template, so that paths make no labels of their own. */
export type HttpMetrics = {
  begun(): void;
  /** @param route undefined when no route took the request */
  ended(method: string, route: string | undefined, status: number, seconds: number): void;
};

/** From what a cached token check takes to what a gateway waits for. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Adds how long requests take, and how many are in hand, to what a process measures. */
export function createHttpMetrics(metrics: Metrics): HttpMetrics {
  const duration = metrics.time(
    'http_request_duration_seconds',
    'Time from a request to the end of its answer; 499: the caller left',
    ['method', 'route', 'status'],
    BUCKETS,
  );
  let inFlight = 0;
  metrics.observe('http_requests_in_flight', 'Requests in hand', async () => inFlight);
  // Looking a series up by its labels costs more than all the rest; routes and statuses are few.
  const series = new Map<string, Map<string, Map<number, Histogram.Internal<string>>>>();

  return {
    begun() {
      inFlight += 1;
    },
    ended(method, route = 'unmatched', status, seconds) {
      inFlight -= 1;
      const known = METHODS.has(method) ? method : 'OTHER';
      const ofMethod = getOrMake(series, known, () => new Map());
      const ofRoute = getOrMake(ofMethod, route, () => new Map());
      const one = getOrMake(ofRoute, status, () => duration.labels(known, route, String(status)));
      one.observe(seconds);
    },
  };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
