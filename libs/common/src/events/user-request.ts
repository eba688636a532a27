import { type Msg, RequestError } from '@nats-io/transport-node';
import * as z from 'zod';
import { ID } from '../http/input/fields.ts';
import type { Log } from '../process/logging.ts';
import { inSpan } from '../telemetry/tracing.ts';
import type { Broker } from './broker/broker.ts';
import { answering, asking, traceIn, traceOf } from './trace-messages.ts';

const REPLY_TIMEOUT_MS = 5_000;
const user_id = z.string().regex(ID);

/**
 * A request for the link of an e-mail that is about to be sent, or shown. The asker cannot choose the user: auth gives a link
 * for an event that it published, to that event's user, or to a superuser who proves to be one. A link that undoes a change
 * of address has a kind of its own, which no auth of an earlier release mistakes for another.
 */
export const linkRequest = z.discriminatedUnion('by', [
  z.object({ by: z.literal('event'), event_id: z.string(), user_id }),
  z.object({ by: z.literal('email-change'), event_id: z.string(), user_id }),
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
    // The address that the link is about, as it is stored; a process of an earlier release leaves it out.
    email: z.string().optional(),
  }),
  z.object({ found: z.literal(false) }),
]);

/** A value of {@link linkReply}. */
export type LinkReply = z.output<typeof linkReply>;

/** A request for the address of a user who is not deleted, without any link. */
export const addressRequest = z.object({ by: z.literal('user'), user_id });

/** A value of {@link addressRequest}. */
export type AddressRequest = z.output<typeof addressRequest>;

/** The user's address as it is stored, or that there is no such user (any more). */
export const addressReply = z.discriminatedUnion('found', [
  z.object({ found: z.literal(true), email: z.string() }),
  z.object({ found: z.literal(false) }),
]);

/** A value of {@link addressReply}. */
export type AddressReply = z.output<typeof addressReply>;

/** What auth is asked about a user. */
export type UserRequest = LinkRequest | AddressRequest;

/**
 * The requests by their names at the broker, each with permissions of its own. An auth of release 0.1.0 answers links alone, so
 * a request for an address never comes to it.
 */
const requests = {
  'password-link': { request: linkRequest, failure: 'auth could not make a link' },
  'user-address': { request: addressRequest, failure: 'auth could not look up an address' },
};

/** Name of a request about a user. */
export type UserRequestName = keyof typeof requests;

/** The names of all requests about users. */
export const userRequestNames: readonly UserRequestName[] = ['password-link', 'user-address'];

/** Replicas of the service that answers share requests under this name. */
export const USER_REQUEST_QUEUE = 'auth';
const failure = z.object({ failed: z.literal(true) });

/** Answers requests about users; replicas share them. */
export function serveUserRequests(
  broker: Broker,
  log: Log,
  answer: (request: UserRequest) => Promise<LinkReply | AddressReply>,
): void {
  const serve = (name: UserRequestName): void => {
    const subject = broker.names.request(name);
    const answerInSpan = (message: Msg): Promise<unknown> =>
      inSpan(broker.tracing, `answer ${name}`, answering(subject, traceOf(message.headers)), async () =>
        answer(requests[name].request.parse(message.json())),
      );
    const reply = async (message: Msg): Promise<void> => {
      try {
        message.respond(JSON.stringify(await answerInSpan(message)));
      } catch (err) {
        log.error({ err, request: name }, 'a request about a user failed');
        message.respond(JSON.stringify({ failed: true }));
      }
    };
    broker.nc.subscribe(subject, {
      queue: USER_REQUEST_QUEUE,
      callback: (err, message) => {
        if (err) log.error({ err, request: name }, 'requests about users cannot be received');
        else void reply(message);
      },
    });
  };
  for (const name of userRequestNames) serve(name);
}

/**
 * Asks auth for a link token. It is made now and stored nowhere.
 * @throws when auth or the broker is away ({@link isServiceAway}), or auth failed
 */
export const requestLink = (broker: Broker, request: LinkRequest): Promise<LinkReply> =>
  ask(broker, 'password-link', request, linkReply);

/**
 * Asks auth for a user's address.
 * @returns undefined when there is no such user (any more)
 * @throws when auth or the broker is away ({@link isServiceAway}), or auth failed
 */
export async function requestAddress(broker: Broker, userId: string): Promise<string | undefined> {
  const request: AddressRequest = { by: 'user', user_id: userId };
  const reply = await ask(broker, 'user-address', request, addressReply);
  return reply.found ? reply.email : undefined;
}

function ask<R>(
  broker: Broker,
  name: UserRequestName,
  request: UserRequest,
  reply: z.ZodType<R>,
): Promise<R> {
  const subject = broker.names.request(name);
  return inSpan(broker.tracing, `request ${name}`, asking(subject), async (span) => {
    const message = await broker.nc.request(subject, JSON.stringify(request), {
      timeout: REPLY_TIMEOUT_MS,
      ...(broker.tracing.isOn && { headers: traceIn(span.headers()) }),
    });
    const body: unknown = message.json();
    if (failure.safeParse(body).success) throw new Error(requests[name].failure);
    return reply.parse(body);
  });
}

/** Whether a request failed because no process was there to answer it, or none answered in time. */
export const isServiceAway = (err: unknown): boolean =>
  err instanceof RequestError || (err instanceof Error && err.name === 'TimeoutError');
