import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import type { SpanFields, SpanKind, TraceHeaders } from '../telemetry/tracing.ts';

type Begun = { kind: SpanKind; parent?: TraceHeaders; fields: SpanFields };

/** The trace that a message goes on with, as its headers say. */
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

/** What the span of an event's publishing says. It goes on with the trace that the event was stored with. */
export const publishing = (subject: string, eventId: string, parent: TraceHeaders): Begun => ({
  kind: 'producer',
  parent,
  fields: messaging('publish', 'send', subject, { 'messaging.message.id': eventId }),
});

/** What the span of one attempt at an event says. */
export const processing = (subject: string, consumer: string, parent: TraceHeaders): Begun => ({
  kind: 'consumer',
  parent,
  fields: messaging('process', 'process', subject, { 'messaging.consumer.group.name': consumer }),
});

/** What the span of a question by request and reply says, on the side that asks. */
export const asking = (subject: string): Begun => ({
  kind: 'client',
  fields: messaging('request', 'send', subject),
});

/** The same on the side that answers. */
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
