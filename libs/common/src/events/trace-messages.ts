import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import type { SpanFields, SpanKind, TraceHeaders } from '../telemetry/tracing.ts';

type Begun = { kind: SpanKind; parent?: TraceHeaders; fields: SpanFields };

/** The trace in a message's headers. */
export function traceOf(headers: MsgHdrs | undefined): TraceHeaders {
  return {
    traceparent: headers?.get('traceparent') || undefined,
    tracestate: headers?.get('tracestate') || undefined,
  };
}

/** A message's headers with a trace in them, and nothing else. */
export function traceIn(trace: TraceHeaders): MsgHdrs {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(trace)) if (value !== undefined) headers.set(name, value);
  return headers;
}

/** The span of publishing an event. It continues the trace that the event was stored with. */
export const publishing = (subject: string, eventId: string, parent: TraceHeaders): Begun => ({
  kind: 'producer',
  parent,
  fields: messaging('publish', 'send', subject, { 'messaging.message.id': eventId }),
});

/** The span of one attempt at an event. */
export const processing = (subject: string, consumer: string, parent: TraceHeaders): Begun => ({
  kind: 'consumer',
  parent,
  fields: messaging('process', 'process', subject, { 'messaging.consumer.group.name': consumer }),
});

/** The span of a request, on the side that sends it. */
export const asking = (subject: string): Begun => ({
  kind: 'client',
  fields: messaging('request', 'send', subject),
});

/** The span of a request, on the side that answers. */
export const answering = (subject: string, parent: TraceHeaders): Begun => ({
  kind: 'server',
  parent,
  fields: messaging('answer', 'process', subject),
});

/** OpenTelemetry's semantic conventions for messaging. */
function messaging(operation: string, type: string, subject: string, more: SpanFields = {}): SpanFields {
  return {
    'messaging.system': 'nats',
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    'messaging.destination.name': subject,
    ...more,
  };
}
