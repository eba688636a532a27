import { type Msg, RequestError } from '@nats-io/transport-node';
import * as z from 'zod';
import { ID } from '../http/input/fields.ts';
import type { Log } from '../process/logging.ts';
import { inSpan } from '../telemetry/tracing.ts';
import type { Broker } from './broker/broker.ts';
import { answering, asking, traceIn, traceOf } from './trace-messages.ts';

const REPLY_TIMEOUT_MS = 5_000;

/**
 * What auth is asked for when an e-mail with a link is about to be sent, or shown. Whoever asks cannot choose the user: auth
 * gives a link for an event that it published itself, to that event's user; or to a superuser who proves to be one. A link
 * that undoes a change of address is asked for by a name of its own, which no auth of an earlier release takes for another.
 */
export const linkRequest = z.discriminatedUnion('by', [
  z.object({ by: z.literal('event'), event_id: z.string(), user_id: z.string().regex(ID) }),
  z.object({ by: z.literal('email-change'), event_id: z.string(), user_id: z.string().regex(ID) }),
  z.object({ by: z.literal('superuser'), authorization: z.string(), email: z.string() }),
]);

/** A value of {@link linkRequest}. */
export type LinkRequest = z.output<typeof linkRequest>;

/** A link's token, or that there is none (any more) for this request; `valid_hours` is what is left of its life, rounded up. */
export const linkReply = z.discriminatedUnion('found', [
  z.object({
    found: z.literal(true),
    token: z.string(),
    valid_hours: z.number(),
    // The address that it is about, as it is stored; a process of an earlier release leaves it out.
    email: z.string().optional(),
  }),
  z.object({ found: z.literal(false) }),
]);

/** A value of {@link linkReply}. */
export type LinkReply = z.output<typeof linkReply>;

/** Name of the request for a link. */
export const LINK_REQUEST = 'password-link';
/** Replicas of the service that answers share requests under this name. */
export const LINK_QUEUE = 'auth';
const failure = z.object({ failed: z.literal(true) });

/** Answers requests for links; replicas share them. */
export function serveLinks(
  broker: Broker,
  log: Log,
  answer: (request: LinkRequest) => Promise<LinkReply>,
): void {
  const subject = broker.names.request(LINK_REQUEST);
  const answerInSpan = (message: Msg): Promise<LinkReply> =>
    inSpan(broker.tracing, `answer ${LINK_REQUEST}`, answering(subject, traceOf(message.headers)), async () =>
      answer(linkRequest.parse(message.json())),
    );
  const reply = async (message: Msg): Promise<void> => {
    try {
      message.respond(JSON.stringify(await answerInSpan(message)));
    } catch (err) {
      log.error({ err }, 'a link request failed');
      message.respond(JSON.stringify({ failed: true }));
    }
  };
  broker.nc.subscribe(subject, {
    queue: LINK_QUEUE,
    callback: (err, message) => {
      if (err) log.error({ err }, 'link requests cannot be heard');
      else void reply(message);
    },
  });
}

/**
 * Asks auth for a link token. It is made now and stored nowhere.
 * @throws when auth or the broker is away
 */
export async function requestLink(broker: Broker, request: LinkRequest): Promise<LinkReply> {
  const subject = broker.names.request(LINK_REQUEST);
  return inSpan(broker.tracing, `request ${LINK_REQUEST}`, asking(subject), async (span) => {
    const reply = await broker.nc.request(subject, JSON.stringify(request), {
      timeout: REPLY_TIMEOUT_MS,
      ...(broker.tracing.isOn && { headers: traceIn(span.headers()) }),
    });
    const body: unknown = reply.json();
    if (failure.safeParse(body).success) throw new Error('auth could not make a link');
    return linkReply.parse(body);
  });
}

/** Whether a request failed because nobody was there to answer it, or not in time. */
export const isServiceAway = (err: unknown): boolean =>
  err instanceof RequestError || (err instanceof Error && err.name === 'TimeoutError');
