import { isSameMailbox, normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { UndoGrant, User } from '../users/user.ts';

export const UNDO_SECONDS = 72 * 3_600;

/** The oldest grants stay: they belong to the owner, whatever a thief does afterwards. */
const MOST_GRANTS = 100;

type Granted = Pick<User, 'undo_grants' | 'email'>;

/** An address may not undo a change to an address that has a grant itself. */
export function mayUndo(user: Granted, to: string, now: Date): boolean {
  const living = livingGrants(user, now);
  return living.length < MOST_GRANTS && lastOf(living, to) < 0;
}

export function grantsAfter(
  user: Granted,
  to: string,
  event: { id: string; now: Date },
  wasVerified: boolean,
): UndoGrant[] {
  const { id: event_id, now: at } = event;
  const living = livingGrants(user, at);
  if (mayUndo(user, to, at)) {
    return [...living, { event_id, at, email: user.email, was_verified: wasVerified }];
  }
  const last = lastOf(living, to);
  return last < 0 ? living : living.slice(0, last + 1);
}

export function grantsBefore(user: Granted, used: UndoGrant, now: Date): UndoGrant[] {
  const living = livingGrants(user, now);
  return living.slice(
    0,
    living.findIndex(({ email }) => isSameMailbox(email, used.email)),
  );
}

/** Once somebody has verified the present address, a former one that nobody had verified has no grant. */
export const provenGrants = (grants: UndoGrant[]): UndoGrant[] =>
  grants.filter(({ was_verified }) => was_verified !== false);

export const undoGrantOf = (user: Granted, eventId: string, now: Date): UndoGrant | undefined =>
  livingGrants(user, now).find(({ event_id }) => event_id === eventId);

/** An earlier release may have stored another spelling. */
export const restoredAddress = ({ email }: UndoGrant): string => normalizeEmail(email);

const lastOf = (grants: UndoGrant[], address: string): number =>
  grants.findLastIndex(({ email }) => isSameMailbox(email, address));

const livingGrants = ({ undo_grants = [] }: Granted, now: Date): UndoGrant[] =>
  undo_grants.filter(({ at }) => now.getTime() - at.getTime() < UNDO_SECONDS * 1_000);
