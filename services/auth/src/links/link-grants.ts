import type { LinkGrant, User } from '../users/user.ts';

/** The limits allow fewer grants within a link's life. */
const MOST_GRANTS = 50;

export function withGrant(
  grants: LinkGrant[] | undefined,
  { email_version }: Pick<User, 'email_version'>,
  eventId: string,
  now: Date,
  linkSeconds: number,
): LinkGrant[] {
  const living = (grants ?? []).filter((grant) => isAlive(grant, linkSeconds, now));
  return [...living, { event_id: eventId, at: now, email_version }].slice(-MOST_GRANTS);
}

export const livingGrant = (
  grants: LinkGrant[] | undefined,
  { email_version }: Pick<User, 'email_version'>,
  eventId: string,
  linkSeconds: number,
  now: Date,
): LinkGrant | undefined =>
  grants?.find(
    (grant) =>
      grant.event_id === eventId && grant.email_version === email_version && isAlive(grant, linkSeconds, now),
  );

const isAlive = ({ at }: LinkGrant, linkSeconds: number, now: Date): boolean =>
  now.getTime() - at.getTime() < linkSeconds * 1000;
