import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Log } from '../process/logging.ts';
import type { TracingSettings } from './settings.ts';
import type { Span, TraceHeaders, Tracing } from './tracing.ts';

const STOP_WITHIN_MS = 2_000;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

const propagator = new W3CTraceContextPropagator();

/** Sends traces by OTLP over HTTP; nothing is global, so that several services can run in one process. */
export function startOpenTelemetry(
  service: string,
  version: string,
  settings: TracingSettings,
  log: Log,
): Tracing {
  const own = { 'service.namespace': 'quartet', 'service.name': service, 'service.version': version };
  const provider = new TracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override these.
    resource: resourceFromAttributes({ ...own, 'service.instance.id': randomUUID() }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    sampler: createSampler(settings),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: createExporter(log), scheduledDelayMillis: settings.everyMs }),
    ],
  });
  const tracer = provider.getTracer('quartet', version);
  const running = new AsyncLocalStorage<Context>();
  const here = () => running.getStore() ?? ROOT_CONTEXT;

  const wrap = (span: OtelSpan, context: Context): Span => ({
    run: (work) => running.run(context, work),
    rename: (name) => void span.updateName(name),
    set: (fields) => void span.setAttributes(fields),
    fail(reason) {
      span.setAttribute('error.type', reason instanceof Error ? reason.name : String(reason));
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
    headers() {
      const carrier: TraceHeaders = {};
      propagator.inject(context, carrier, defaultTextMapSetter);
      return carrier;
    },
  });

  return {
    isOn: true,
    begin(name, { kind, parent, fields = {} }) {
      const from = parent ? propagator.extract(ROOT_CONTEXT, parent, defaultTextMapGetter) : here();
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: fields }, from);
      return wrap(span, trace.setSpan(from, span));
    },
    active() {
      const span = trace.getSpan(here());
      return span && wrap(span, here());
    },
    ids() {
      const context = trace.getSpanContext(here());
      return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
    },
    outside: (work) => running.run(ROOT_CONTEXT, work),
    async stop() {
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, STOP_WITHIN_MS);
      await Promise.race([provider.shutdown().catch(() => undefined), timer.promise]);
      clearTimeout(timeout);
    },
  };
}

/** The exporter reads the OTEL_EXPORTER_OTLP_* variables itself; an unavailable collector is logged once. */
function createExporter(log: Log): SpanExporter {
  const exporter = new OTLPTraceExporter();
  let isAway = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !isAway) log.warn({ reason: result.error?.message }, 'traces cannot be delivered');
        if (!failed && isAway) log.info('traces are delivered again');
        isAway = failed;
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

function createSampler({ sampler, ratio }: Pick<TracingSettings, 'sampler' | 'ratio'>): Sampler {
  const root = rootSampler(sampler.replace(/^parentbased_/, ''), ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler();
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
}
