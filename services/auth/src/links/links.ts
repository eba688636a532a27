import type { AddressReply, LinkReply, UserRequest } from '@quartet/common/events/user-request.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';
import type { TokenIssuer } from '../tokens/token-issuer.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import { isVerified } from '../users/verified.ts';
import { livingGrant } from './link-grants.ts';
import { restoredAddress, UNDO_SECONDS, undoGrantOf } from './undo-grants.ts';

const HOUR_SECONDS = 3_600;

/** An event grants one link while the user has the address of that moment; a superuser gets a new link. */
export function createLinkAnswer(parts: {
  store: UserStore;
  issuer: TokenIssuer;
  authorize: Authorize;
  linkSeconds: number;
  /** Until then users of an earlier release, who have no grants, get links too. */
  earlierUntil: Date;
}) {
  const { store, issuer, authorize, linkSeconds, earlierUntil } = parts;
  const linkFor = (user: User, issuedAt: Date, now: Date): LinkReply => ({
    found: true,
    token: issuer.linkToken(user, issuedAt),
    valid_hours: hoursLeft(linkSeconds, issuedAt, now),
    email: user.email,
  });
  const undoFor = (user: User, eventId: string, now: Date): LinkReply => {
    const grant = undoGrantOf(user, eventId, now);
    if (!grant) return { found: false };
    const token = issuer.undoToken(user._id.toHexString(), grant);
    const valid_hours = hoursLeft(UNDO_SECONDS, grant.at, now);
    return { found: true, token, valid_hours, email: restoredAddress(grant) };
  };
  const verificationFor = (user: User, eventId: string, now: Date): LinkReply => {
    const grant = livingGrant(user.verify_grants, user, eventId, linkSeconds, now);
    if (!grant || isVerified(user)) return { found: false };
    const token = issuer.verificationToken(user, grant.at);
    const valid_hours = hoursLeft(linkSeconds, grant.at, now);
    return { found: true, token, valid_hours, email: user.email };
  };
  const isFromEarlier = (user: User, now: Date): boolean =>
    user.link_grants === undefined &&
    now < earlierUntil &&
    user.created_at < sinceOf(earlierUntil, linkSeconds);

  return async (request: UserRequest): Promise<LinkReply | AddressReply> => {
    const now = new Date();
    if (request.by === 'superuser') {
      await authorize('superuser', request.authorization);
      const user = await store.findByEmail(request.email);
      return user ? linkFor(user, now, now) : { found: false };
    }
    const user = await store.findById(request.user_id);
    if (!user) return { found: false };
    if (request.by === 'user') return { found: true, email: user.email };
    if (request.by === 'email-change') return undoFor(user, request.event_id, now);
    if (request.by === 'verification') return verificationFor(user, request.event_id, now);
    const grant = livingGrant(user.link_grants, user, request.event_id, linkSeconds, now);
    if (grant) return linkFor(user, grant.at, now);
    return isFromEarlier(user, now) ? linkFor(user, now, now) : { found: false };
  };
}

const hoursLeft = (lifeSeconds: number, since: Date, now: Date): number =>
  Math.ceil((lifeSeconds - (now.getTime() - since.getTime()) / 1000) / HOUR_SECONDS);

const sinceOf = (until: Date, linkSeconds: number): Date => new Date(until.getTime() - linkSeconds * 1000);
