import type { EventContext } from '@quartet/common/events/envelope.ts';
import { withGrant } from '../links/link-grants.ts';
import { provenGrants } from '../links/undo-grants.ts';
import type { User, UserChange } from './user.ts';
import { userUpdated } from './user-events.ts';
import { isVerified, verified } from './verified.ts';

/** The settings of verification; `isOn` when links go out. */
export type VerificationRules = { isOn: boolean; isRequired: boolean; linkSeconds: number };

/**
 * Somebody at the user's address used a link. Where links verify, former addresses that nobody has verified
 * may not take the account back from that one.
 */
export function addressProven(
  user: User,
  change: UserChange | undefined,
  { isOn }: VerificationRules,
  context: EventContext,
): UserChange | undefined {
  const { undo_grants: former = [] } = user;
  const undo_grants = isOn ? provenGrants(former) : former;
  if (isVerified(user) && undo_grants.length === former.length) return change;
  const { set, events, ...rest } = change ?? { set: {}, events: [], now: context.now };
  const after = { ...user, ...set, ...verified(user.email_version) };
  return {
    ...rest,
    set: { ...set, ...verified(user.email_version), undo_grants },
    events: [...(isVerified(user) ? [] : [userUpdated(after, ['is_verified'], context)]), ...events],
  };
}

/** The event of a new address is good for a link. */
export function grantToNewAddress(
  user: User,
  change: UserChange | undefined,
  { isOn, linkSeconds }: VerificationRules,
  context: EventContext,
): UserChange | undefined {
  const event = change?.events.find(({ type }) => type === 'user.updated');
  if (!isOn || !event || change?.set.email === undefined) return change;
  const moved = { email_version: user.email_version + 1 };
  const verify_grants = withGrant(user.verify_grants, moved, event.id, context.now, linkSeconds);
  return { ...change, set: { ...change.set, verify_grants } };
}

/** Only one request waits in the outbox, so that requests cannot fill the document. */
export const mayRequestVerification = (user: User): boolean =>
  user.is_active &&
  !isVerified(user) &&
  !user.outbox.some(({ type }) => type === 'user.verification-requested');
