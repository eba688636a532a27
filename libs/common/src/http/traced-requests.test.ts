import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Desk, spansAt, startDesk } from '../../../../tests/support/collector.ts';
import { createLog } from '../process/logging.ts';
import { noReports } from '../telemetry/error-reports.ts';
import { startOpenTelemetry } from '../telemetry/open-telemetry.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { createApp } from './app.ts';
import { logOf, traceparentOf } from './request-context.ts';
import { type HttpServer, listen } from './server/server.ts';

const CALLER = { trace: 'a'.repeat(32), span: 'b'.repeat(16) };
const headers = { traceparent: `00-${CALLER.trace}-${CALLER.span}-01` };
const written: string[] = [];
const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
let collector: Desk;
let tracing: Tracing;
let server: HttpServer;
let arrived = 0;

beforeAll(async () => {
  collector = await startDesk();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  const lines = { write: (line: string) => void written.push(line) };
  const log = createLog('test', 'debug', lines, () => tracing.ids());
  tracing = startOpenTelemetry('test', '1', { sampler: 'always_on', ratio: 1, everyMs: 20 }, log);
  const app = createApp({
    log,
    telemetry: { tracing, reports: noReports },
    handlers: [
      ['/trace', (req, res) => void res.json(traceparentOf(req, res))],
      ['/broken', () => Promise.reject(new RangeError('secret words'))],
      [
        '/slow',
        async (_req, res) => {
          arrived += 1;
          await once(res, 'close');
          logOf(res).info('inside');
        },
      ],
    ],
  });
  server = await listen(app, '127.0.0.1', 0);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.drain();
  await tracing.stop();
  await collector.stop();
});

const ask = (path: string, signal?: AbortSignal) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { headers, signal: signal ?? null });
const spanWith = (status: number) =>
  spansAt(collector).find(({ attributes }) => attributes['http.response.status_code'] === status);

test('given a caller’s trace, then what the request causes continues from the request’s own span', async () => {
  const traceparent: unknown = await (await ask('/trace')).json();
  await expect.poll(() => spanWith(200)).toBeDefined();
  expect(spanWith(200)).toMatchObject({ traceId: CALLER.trace, parentSpanId: CALLER.span });
  expect(traceparent).toBe(`00-${CALLER.trace}-${spanWith(200)?.spanId}-01`);
});

test('given an error, then its span failed, and every line of the request has its ids', async () => {
  written.splice(0);
  await ask('/broken');
  await expect.poll(() => spanWith(500)).toMatchObject({ status: { code: 2 } });
  const ids = { trace_id: CALLER.trace, span_id: spanWith(500)?.spanId };
  expect(lines()).toEqual([
    expect.objectContaining({ msg: 'unexpected error', ...ids }),
    expect.objectContaining({ msg: 'request', ...ids }),
  ]);
});

test('given a caller who leaves, then the last log lines have the ids too', async () => {
  written.splice(0);
  const leaving = new AbortController();
  const asking = ask('/slow', leaving.signal).catch(() => undefined);
  await expect.poll(() => arrived).toBe(1);
  leaving.abort();
  await asking;
  await expect.poll(() => spanWith(499)).toBeDefined();
  const ids = { trace_id: CALLER.trace, span_id: spanWith(499)?.spanId };
  await expect.poll(lines).toHaveLength(2);
  expect(lines()).toContainEqual(expect.objectContaining({ msg: 'request', status: 499, ...ids }));
  expect(lines()).toContainEqual(expect.objectContaining({ msg: 'inside', ...ids }));
});
