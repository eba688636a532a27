import { type Msg, RequestError } from '@nats-io/transport-node';
import * as z from 'zod';
import { ID } from '../http/input/fields.ts';
import type { Log } from '../process/logging.ts';
import { inSpan } from '../telemetry/tracing.ts';
import type { Broker } from './broker/broker.ts';
import { answering, asking, traceIn, traceOf } from './trace-messages.ts';

const REPLY_TIMEOUT_MS = 5_000;
const user_id = z.string().regex(ID);

/** No requester chooses the user: auth answers for its own event's user, or to a proven superuser. */
export const linkRequest = z.discriminatedUnion('by', [
  z.object({ by: z.literal('event'), event_id: z.string(), user_id }),
  z.object({ by: z.literal('email-change'), event_id: z.string(), user_id }),
  z.object({ by: z.literal('verification'), event_id: z.string(), user_id }),
  z.object({ by: z.literal('superuser'), authorization: z.string(), email: z.string() }),
]);

export type LinkRequest = z.output<typeof linkRequest>;

/** `valid_hours` is what remains of the link's life, rounded up. */
export const linkReply = z.discriminatedUnion('found', [
  z.object({
    found: z.literal(true),
    token: z.string(),
    valid_hours: z.number(),
    // A process of an earlier release leaves it out.
    email: z.string().optional(),
  }),
  z.object({ found: z.literal(false) }),
]);

export type LinkReply = z.output<typeof linkReply>;

export const addressRequest = z.object({ by: z.literal('user'), user_id });

export type AddressRequest = z.output<typeof addressRequest>;

export const addressReply = z.discriminatedUnion('found', [
  z.object({ found: z.literal(true), email: z.string() }),
  z.object({ found: z.literal(false) }),
]);

export type AddressReply = z.output<typeof addressReply>;

export type UserRequest = LinkRequest | AddressRequest;

/** Each name has permissions of its own; an auth of release 0.1.0 answers links only. */
const requests = {
  'password-link': { request: linkRequest, failure: 'auth could not make a link' },
  'user-address': { request: addressRequest, failure: 'auth could not look up an address' },
};

export type UserRequestName = keyof typeof requests;

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

/** Requests a link's token. @throws when auth or the broker is away ({@link isServiceAway}) or auth fails */
export const requestLink = (broker: Broker, request: LinkRequest): Promise<LinkReply> =>
  ask(broker, 'password-link', request, linkReply);

/** Requests a user's address; undefined without such a user. @throws when {@link requestLink} does */
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

/** Whether a request failed because no process answered it in time. */
export const isServiceAway = (err: unknown): boolean =>
  err instanceof RequestError || (err instanceof Error && err.name === 'TimeoutError');
