import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Desk, spansAt, startDesk } from '../../../../tests/support/collector.ts';
import { recordingLog } from '../../test/event-kit.ts';
import { startOpenTelemetry } from './open-telemetry.ts';
import type { TracingSettings } from './settings.ts';
import { inSpan, type Tracing } from './tracing.ts';

const CALLER = { trace: 'a'.repeat(32), span: 'b'.repeat(16) };
const parent = { traceparent: `00-${CALLER.trace}-${CALLER.span}-01`, tracestate: 'vendor=1' };
const { log, lines } = recordingLog();
let collector: Desk;

beforeEach(async () => {
  collector = await startDesk();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await collector.stop();
});

function start(settings: Partial<TracingSettings> = {}): Tracing {
  const all: TracingSettings = { sampler: 'parentbased_always_on', ratio: 1, everyMs: 60_000, ...settings };
  return startOpenTelemetry('items', '1.2.3', all, log);
}

test('given nested work, then nested spans of the caller’s trace are sent at the stop', async () => {
  const tracing = start();
  await inSpan(tracing, 'outer', { kind: 'server', parent, fields: { size: 3, none: undefined } }, () =>
    inSpan(tracing, 'inner', { kind: 'client' }, async () => undefined),
  );
  await tracing.stop();
  const [inner, outer] = spansAt(collector);
  expect(outer).toMatchObject({ name: 'outer', traceId: CALLER.trace, parentSpanId: CALLER.span, kind: 2 });
  expect(outer?.attributes).toEqual({ size: 3 });
  expect(inner).toMatchObject({ name: 'inner', traceId: CALLER.trace, parentSpanId: outer?.spanId, kind: 3 });
  expect(outer?.resource).toMatchObject({
    'service.name': 'items',
    'service.version': '1.2.3',
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test('given a span, then its headers and ids continue it, with the caller’s state', async () => {
  const tracing = start();
  expect(tracing.ids()).toEqual({});
  await inSpan(tracing, 'outer', { kind: 'server', parent }, async (span) => {
    const { trace_id, span_id } = tracing.ids();
    expect(trace_id).toBe(CALLER.trace);
    expect(span.headers()).toEqual({ traceparent: `00-${trace_id}-${span_id}-01`, tracestate: 'vendor=1' });
    expect(tracing.active()?.headers()).toEqual(span.headers());
    expect(tracing.outside(() => tracing.ids())).toEqual({});
  });
  await tracing.stop();
});

test.each([undefined, '', 'nonsense', `00-${'0'.repeat(32)}-${CALLER.span}-01`])(
  'given the traceparent %j, then a new trace begins',
  async (traceparent) => {
    const tracing = start();
    await inSpan(tracing, 'outer', { kind: 'server', parent: { traceparent } }, async () => undefined);
    await tracing.stop();
    const [outer] = spansAt(collector);
    expect(outer?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(outer?.traceId).not.toBe(CALLER.trace);
    expect(outer?.parentSpanId ?? '').toBe('');
  },
);

test('given work that fails, then its span has only the error’s name', async () => {
  const tracing = start();
  const failing = inSpan(tracing, 'outer', { kind: 'internal' }, () =>
    Promise.reject(new TypeError('ada@example.com is taken')),
  );
  await expect(failing).rejects.toThrow('is taken');
  await tracing.stop();
  expect(spansAt(collector)[0]).toMatchObject({
    status: { code: 2 },
    attributes: { 'error.type': 'TypeError' },
  });
  expect(JSON.stringify(collector.received)).not.toContain('ada@');
});

test.each([
  ['always_off', 1, '01', 0],
  ['always_on', 1, '00', 1],
  ['parentbased_always_on', 1, '00', 0],
  ['parentbased_always_off', 1, '01', 1],
  ['traceidratio', 0, '01', 0],
  ['parentbased_traceidratio', 0, '01', 1],
] as const)(
  'given %s with %d and the caller’s flag %s, then %d spans are sent',
  async (sampler, ratio, flag, kept) => {
    const tracing = start({ sampler, ratio });
    const traceparent = `00-${CALLER.trace}-${CALLER.span}-${flag}`;
    await inSpan(tracing, 'outer', { kind: 'server', parent: { traceparent } }, async (span) => {
      // What is not kept is not kept further on either.
      expect(span.headers().traceparent).toMatch(kept ? /-01$/ : /-00$/);
    });
    await tracing.stop();
    expect(spansAt(collector)).toHaveLength(kept);
  },
);

test('given an unavailable collector, then one log line reports it, however many spans are lost', async () => {
  await collector.stop();
  // Shorter than the exporter's first pause: with its own 10 s it tries for 6 to 10 s before it gives up.
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500');
  const tracing = start({ everyMs: 1 });
  const told = () => lines().filter(({ msg }) => msg === 'traces cannot be delivered');
  const before = told().length;
  await inSpan(tracing, 'first', { kind: 'server' }, async () => undefined);
  await expect.poll(told).toHaveLength(before + 1);
  await inSpan(tracing, 'second', { kind: 'server' }, async () => undefined);
  await tracing.stop();
  expect(told()).toHaveLength(before + 1);
});

test('given a collector that reads everything and never answers, then the stop waits only briefly', async () => {
  const silent = await startDesk(() => undefined);
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', silent.url);
  const tracing = start();
  await inSpan(tracing, 'outer', { kind: 'server' }, async () => undefined);
  const startedAt = performance.now();
  await tracing.stop();
  expect(silent.received).toHaveLength(1);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  await silent.stop();
});
