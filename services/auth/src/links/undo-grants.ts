import { isSameMailbox, normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { UndoGrant, User } from '../users/user.ts';

/** How long a change of address can be undone. */
export const UNDO_SECONDS = 72 * 3_600;

/** Of more changes within that time the oldest count: those are the owner's, whatever a thief does afterwards. */
const MOST_GRANTS = 100;

type Granted = Pick<User, 'undo_grants' | 'email'>;

/**
 * Whether a user's present address may undo that another takes its place. Not when that other one may undo a change itself:
 * it comes back, and nobody in between has a claim.
 */
export function mayUndo(user: Granted, to: string, now: Date): boolean {
  const living = livingGrants(user, now);
  return living.length < MOST_GRANTS && lastOf(living, to) < 0;
}

/** The grants of a user who goes to another address, which the event of this id tells of. */
export function grantsAfter(user: Granted, to: string, eventId: string, now: Date): UndoGrant[] {
  const living = livingGrants(user, now);
  if (mayUndo(user, to, now)) return [...living, { event_id: eventId, at: now, email: user.email }];
  const last = lastOf(living, to);
  return last < 0 ? living : living.slice(0, last + 1);
}

/** The grants that are left when one is used: those of addresses from before it. */
export function grantsBefore(user: Granted, used: UndoGrant, now: Date): UndoGrant[] {
  const living = livingGrants(user, now);
  return living.slice(
    0,
    living.findIndex(({ email }) => isSameMailbox(email, used.email)),
  );
}

/** The grant of an event, if its link is still good. */
export const undoGrantOf = (user: Granted, eventId: string, now: Date): UndoGrant | undefined =>
  livingGrants(user, now).find(({ event_id }) => event_id === eventId);

/** The address that a grant brings back, which an earlier release may have stored in another spelling. */
export const restoredAddress = ({ email }: UndoGrant): string => normalizeEmail(email);

const lastOf = (grants: UndoGrant[], address: string): number =>
  grants.findLastIndex(({ email }) => isSameMailbox(email, address));

const livingGrants = ({ undo_grants = [] }: Granted, now: Date): UndoGrant[] =>
  undo_grants.filter(({ at }) => now.getTime() - at.getTime() < UNDO_SECONDS * 1_000);
