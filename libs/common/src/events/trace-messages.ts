import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import type { SpanFields, SpanKind, TraceHeaders } from '../telemetry/tracing.ts';

type Begun = { kind: SpanKind; parent?: TraceHeaders; fields: SpanFields };

/** Reads the trace in a message's headers. */
export function traceOf(headers: MsgHdrs | undefined): TraceHeaders {
  return {
    traceparent: headers?.get('traceparent') || undefined,
    tracestate: headers?.get('tracestate') || undefined,
  };
}

/** Makes headers that contain only a trace. */
export function traceIn(trace: TraceHeaders): MsgHdrs {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(trace)) if (value !== undefined) headers.set(name, value);
  return headers;
}

/** Describes the span of publishing an event, which continues the stored trace. */
export const publishing = (subject: string, eventId: string, parent: TraceHeaders): Begun => ({
  kind: 'producer',
  parent,
  fields: messaging('publish', 'send', subject, { 'messaging.message.id': eventId }),
});

/** Describes the span of one attempt at an event. */
export const processing = (subject: string, consumer: string, parent: TraceHeaders): Begun => ({
  kind: 'consumer',
  parent,
  fields: messaging('process', 'process', subject, { 'messaging.consumer.group.name': consumer }),
});

/** Describes the client's span of a request. */
export const asking = (subject: string): Begun => ({
  kind: 'client',
  fields: messaging('request', 'send', subject),
});

/** Describes the server's span of a request. */
export const answering = (subject: string, parent: TraceHeaders): Begun => ({
  kind: 'server',
  parent,
  fields: messaging('answer', 'process', subject),
});

/** The names follow OpenTelemetry's semantic conventions for messaging. */
function messaging(operation: string, type: string, subject: string, more: SpanFields = {}): SpanFields {
  return {
    'messaging.system': 'nats',
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    'messaging.destination.name': subject,
    ...more,
  };
}
