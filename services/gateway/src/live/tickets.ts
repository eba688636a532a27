import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { tooManyRequests, unavailable } from '@quartet/common/errors.ts';
import type { TicketBucket } from '@quartet/common/events/kv/ticket-bucket.ts';
import { readQuery } from '@quartet/common/http/input/body.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { badToken } from '@quartet/common/tokens/access.ts';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import * as z from 'zod';

export const TICKET_LIFE_SECONDS = 30;
const TICKET_BYTES = 32;
const TICKET = /^[\w-]{43}$/;

/** A ticket stands for the session whose token asked for it, so that whatever ends that ends the ticket. */
const ticket = z.object({
  caller: z.object({
    userId: z.string(),
    sessionId: z.string(),
    isSuperuser: z.boolean(),
    tokenVersion: z.number(),
    issuedAt: z.number(),
    expiresAt: z.number(),
  }),
  /** In milliseconds since the epoch. */
  until: z.number(),
});

export type Tickets = {
  /** @throws {AppError} 429 when the user has asked for too many; 503 while the broker is away */
  issue(caller: Caller): Promise<string>;
  /** Returns the ticket's caller once; undefined without a ticket. @throws {AppError} as for a token */
  identify(req: IncomingMessage): Promise<Caller | undefined>;
};

export function createTickets(
  bucket: TicketBucket,
  {
    recheck,
    mostPerUser,
    log,
    now = Date.now,
  }: { recheck: (caller: Caller) => Caller; mostPerUser: number; log: Log; now?: (() => number) | undefined },
): Tickets {
  const limit = createTicketLimit(mostPerUser, now);

  const whenThere = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (err) {
      log.warn({ err }, 'the broker keeps no tickets at present');
      throw unavailable();
    }
  };

  return {
    async issue(caller) {
      limit(caller.userId);
      const secret = randomBytes(TICKET_BYTES).toString('base64url');
      const value: z.input<typeof ticket> = { caller, until: now() + TICKET_LIFE_SECONDS * 1000 };
      await whenThere(bucket.put(keyOf(secret), value));
      return secret;
    },
    async identify({ headers, url = '' }) {
      const secret = headers.authorization === undefined ? readQuery(url).ticket : undefined;
      if (secret === undefined || secret === '') return undefined;
      if (!TICKET.test(secret)) throw badToken();
      const { data } = ticket.safeParse(await whenThere(bucket.take(keyOf(secret))));
      const isOver = !data || data.until <= now() || data.caller.expiresAt * 1000 <= now();
      if (isOver) throw badToken();
      return recheck(data.caller);
    },
  };
}

/** A reader of the bucket learns no ticket. */
const keyOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Tickets take room at the broker until they expire. */
function createTicketLimit(most: number, now: () => number): (userId: string) => void {
  let counts = new Map<string, number>();
  let startedAt = now();
  return (userId) => {
    if (now() - startedAt >= TICKET_LIFE_SECONDS * 1000) {
      counts = new Map();
      startedAt = now();
    }
    const count = counts.get(userId) ?? 0;
    if (count >= most) throw tooManyRequests((startedAt + TICKET_LIFE_SECONDS * 1000 - now()) / 1000);
    counts.set(userId, count + 1);
  };
}
