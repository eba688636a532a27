import type { LinkGrant, User } from '../users/user.ts';

/** The limits allow fewer grants within a link's life. */
const MOST_GRANTS = 50;

export function withGrant(
  user: Pick<User, 'link_grants' | 'email_version'>,
  eventId: string,
  now: Date,
  linkSeconds: number,
): LinkGrant[] {
  const living = (user.link_grants ?? []).filter((grant) => isAlive(grant, linkSeconds, now));
  return [...living, { event_id: eventId, at: now, email_version: user.email_version }].slice(-MOST_GRANTS);
}

export const livingGrant = (
  user: User,
  eventId: string,
  linkSeconds: number,
  now: Date,
): LinkGrant | undefined =>
  user.link_grants?.find(
    (grant) =>
      grant.event_id === eventId &&
      grant.email_version === user.email_version &&
      isAlive(grant, linkSeconds, now),
  );

const isAlive = ({ at }: LinkGrant, linkSeconds: number, now: Date): boolean =>
  now.getTime() - at.getTime() < linkSeconds * 1000;
