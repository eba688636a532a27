import type { LinkReply, LinkRequest } from '@quartet/common/events/requests.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';
import { type LinkGrant, livingGrant } from './link-grants.ts';
import type { Minter } from './tokens.ts';
import type { User, UserStore } from './user-store.ts';

const HOUR_SECONDS = 3_600;

/**
 * Makes links for e-mails that are about to be sent: for an event that auth published, as its user's document says, and as
 * long as the user has the address of that moment. Asked again for the same event it makes the same link, which ends when
 * the first one does. A superuser is shown a link that begins now.
 * @param earlierUntil until when e-mails that an earlier release left in the queue get a link too; its users have no grants
 */
export function createLinkAnswer(parts: {
  store: UserStore;
  minter: Minter;
  authorize: Authorize;
  linkSeconds: number;
  earlierUntil: Date;
}) {
  const { store, minter, authorize, linkSeconds, earlierUntil } = parts;
  const linkFor = (user: User, issuedAt: Date, now: Date): LinkReply => {
    const leftSeconds = linkSeconds - (now.getTime() - issuedAt.getTime()) / 1000;
    return {
      found: true,
      token: minter.linkToken(user, issuedAt),
      valid_hours: Math.ceil(leftSeconds / HOUR_SECONDS),
      email: user.email,
    };
  };
  const isFromEarlier = (user: User, now: Date): boolean =>
    user.link_grants === undefined &&
    now < earlierUntil &&
    user.created_at < sinceOf(earlierUntil, linkSeconds);

  return async (request: LinkRequest): Promise<LinkReply> => {
    const now = new Date();
    if (request.by === 'superuser') {
      await authorize('superuser', request.authorization);
      const user = await store.findByEmail(request.email);
      return user ? linkFor(user, now, now) : { found: false };
    }
    const user = await store.findById(request.user_id);
    if (!user) return { found: false };
    const grant: LinkGrant | undefined = livingGrant(user, request.event_id, linkSeconds, now);
    if (grant) return linkFor(user, grant.at, now);
    return isFromEarlier(user, now) ? linkFor(user, now, now) : { found: false };
  };
}

const sinceOf = (until: Date, linkSeconds: number): Date => new Date(until.getTime() - linkSeconds * 1000);
