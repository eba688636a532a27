import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../process/logging.ts';

/**
 * Sends spans by OTLP over HTTP (JSON), as the OTEL_EXPORTER_OTLP_* variables say, which the exporter reads itself. A
 * collector that is away costs traces and nothing else: it is told of once, and once more when it is back.
 */
export function createExporter(log: Log): SpanExporter {
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
