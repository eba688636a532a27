import { isSameMailbox, normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { UndoGrant, User } from '../users/user.ts';

/** How long a change of address can be undone. */
export const UNDO_SECONDS = 72 * 3_600;

/** The oldest are kept: they are the owner's, whatever a thief does afterwards. */
const MOST_GRANTS = 100;

type Granted = Pick<User, 'undo_grants' | 'email'>;

/**
 * Whether the present address may undo a change to another one. It may not when the other has a grant itself: that address
 * comes back, and those in between have no claim.
 */
export function mayUndo(user: Granted, to: string, now: Date): boolean {
  const living = livingGrants(user, now);
  return living.length < MOST_GRANTS && lastOf(living, to) < 0;
}

/** The grants of a user whose address changes, by the event of this id. */
export function grantsAfter(user: Granted, to: string, eventId: string, now: Date): UndoGrant[] {
  const living = livingGrants(user, now);
  if (mayUndo(user, to, now)) return [...living, { event_id: eventId, at: now, email: user.email }];
  const last = lastOf(living, to);
  return last < 0 ? living : living.slice(0, last + 1);
}

/** The grants that are left when one is used: the older ones. */
export function grantsBefore(user: Granted, used: UndoGrant, now: Date): UndoGrant[] {
  const living = livingGrants(user, now);
  return living.slice(
    0,
    living.findIndex(({ email }) => isSameMailbox(email, used.email)),
  );
}

export const undoGrantOf = (user: Granted, eventId: string, now: Date): UndoGrant | undefined =>
  livingGrants(user, now).find(({ event_id }) => event_id === eventId);

/** The normalized address of a grant; an earlier release may have stored another spelling. */
export const restoredAddress = ({ email }: UndoGrant): string => normalizeEmail(email);

const lastOf = (grants: UndoGrant[], address: string): number =>
  grants.findLastIndex(({ email }) => isSameMailbox(email, address));

const livingGrants = ({ undo_grants = [] }: Granted, now: Date): UndoGrant[] =>
  undo_grants.filter(({ at }) => now.getTime() - at.getTime() < UNDO_SECONDS * 1_000);
