import type { JsMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import * as z from 'zod';
import type { BrokerNames } from '../broker/names.ts';

/** How an event ended before it was replayed; `attempts` counts all until then. */
export const formerEnd = z.object({ reason: z.string(), attempts: z.number(), dead_at: z.string() });

const past = z.object({
  subject: z.string(),
  first_seen_at: z.string(),
  attempts: z.number(),
  history: z.array(formerEnd),
});

export type DeliveryHistory = z.output<typeof past>;

const HEADER = 'Quartet-Past';
/** An event may be replayed any number of times and must still fit into a message. */
const ENDS_KEPT = 20;

/** Reads a message's history from its headers; one without it has only its own subject and time. */
export function deliveryHistoryOf({ headers, subject, time }: JsMsg, names: BrokerNames): DeliveryHistory {
  const parsed = past.safeParse(parseJson(headers?.get(HEADER) ?? ''));
  if (parsed.success) return parsed.data;
  return { subject: names.typeOf(subject), first_seen_at: time.toISOString(), attempts: 0, history: [] };
}

/** Writes into headers what {@link deliveryHistoryOf} reads. */
export function setDeliveryHistory(headers: MsgHdrs, { history, ...rest }: DeliveryHistory): void {
  headers.set(HEADER, JSON.stringify({ ...rest, history: history.slice(-ENDS_KEPT) }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
