import type { EventData, UserOrigin } from '@quartet/common/events/contracts.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { ObjectId } from 'mongodb';
import { withGrant } from '../links/link-grants.ts';
import { grantsAfter, grantsBefore, mayUndo, provenGrants, restoredAddress } from '../links/undo-grants.ts';
import { wordsOf } from './listed-user.ts';
import type { LinkGrant, UndoGrant, User, UserChange } from './user.ts';
import { resetRequested, userEvent, userUpdated } from './user-events.ts';
import { exceptSession } from './user-sessions.ts';
import type { VerificationRules } from './verification.ts';
import { isVerified, verified } from './verified.ts';

type Fields = Pick<User, 'email' | 'full_name' | 'hashed_password' | 'is_active' | 'is_superuser'>;

export type NewUser = Fields & { is_verified?: boolean };

/** A field that is left out stays as it is. */
export type UserPatch = { [K in keyof Fields]?: Fields[K] | undefined };

export type PasswordChangedBy = EventData<'password.changed'>['by'];

/** With `verifies`, the event of a sign-up is good for a link that verifies the address. */
export function createUser(
  _id: ObjectId,
  { is_verified = false, ...fields }: NewUser,
  origin: UserOrigin,
  context: EventContext,
  verifies = false,
): User {
  const { email, is_active, is_superuser } = fields;
  const created = { user_id: _id.toHexString(), email, is_active, is_superuser, origin };
  const event = userEvent('user.created', _id, created, context);
  const grants: LinkGrant[] = [{ event_id: event.id, at: context.now, email_version: 0 }];
  return {
    _id,
    ...fields,
    words: wordsOf(fields),
    email_version: 0,
    ...(is_verified || origin === 'seed' ? verified(0) : { is_verified: false }),
    token_version: 0,
    ...exceptSession(null, 0),
    revision: 0,
    link_grants: origin === 'admin' ? grants : [],
    ...(verifies && origin === 'signup' ? { verify_grants: grants } : {}),
    created_at: context.now,
    updated_at: context.now,
    outbox: [event],
  };
}

export function updateUser(
  user: User,
  patch: UserPatch,
  context: EventContext,
  password: { by: PasswordChangedBy; except: string | null } = { by: 'admin', except: null },
): UserChange | undefined {
  // Another spelling of the same mailbox is no new address.
  const before = { ...user, email: normalizeEmail(user.email) };
  const entries = Object.entries(patch).filter(
    ([name, value]) => value !== undefined && value !== before[name as keyof Fields],
  );
  if (entries.length === 0) return undefined;
  const set: UserChange['set'] = Object.fromEntries(entries);
  // A user who is promoted or demoted has verified neither more nor less than before.
  if (set.email !== undefined) set.is_verified = false;
  else if (user.is_verified === undefined && set.is_superuser !== undefined) {
    Object.assign(set, isVerified(user) ? verified(user.email_version) : { is_verified: false });
  }
  const after = { ...user, ...set };
  const events: OutboxEntry[] = [];
  const changed = entries.map(([name]) => name).filter((name) => name !== 'hashed_password');
  if (isVerified(user) !== isVerified(after)) changed.push('is_verified');
  if (changed.length > 0) {
    const isUndoable = set.email !== undefined && mayUndo(user, set.email, context.now);
    const event = userUpdated(after, changed, context, isUndoable ? { previous_email: user.email } : {});
    events.push(event);
    if (set.email !== undefined) {
      const moved = { id: event.id, now: context.now };
      set.undo_grants = grantsAfter(user, set.email, moved, isVerified(user));
    }
  }
  if (set.hashed_password === undefined) return { set, events, now: context.now };
  const data = { user_id: user._id.toHexString(), email: after.email, by: password.by };
  events.push(userEvent('password.changed', user._id, data, context));
  return { set, events, now: context.now, endSessions: { except: password.except } };
}

/** A thief may know the password and have links, so all of them end. Nobody knows the new password. The link verifies. */
export function undoEmailChange(
  user: User,
  grant: UndoGrant,
  hashed_password: string,
  context: EventContext,
  { isOn, linkSeconds }: VerificationRules,
): UserChange {
  const { now } = context;
  const email = restoredAddress(grant);
  const email_version = user.email_version + 1;
  const restored = { ...user, email, email_version, ...verified(email_version) };
  const changed = [...(email === user.email ? [] : ['email']), ...(isVerified(user) ? [] : ['is_verified'])];
  // A deactivated user could not use the link.
  const resets = user.is_active ? [resetRequested(restored, context)] : [];
  const undo_grants = grantsBefore(user, grant, now);
  return {
    set: {
      email,
      ...verified(email_version),
      hashed_password,
      undo_grants: isOn ? provenGrants(undo_grants) : undo_grants,
      link_grants: resets.flatMap(({ id }) => withGrant(user.link_grants, restored, id, now, linkSeconds)),
    },
    endSessions: { except: null },
    events: [userUpdated(restored, changed, context, { sessions_ended: true }), ...resets],
    now,
  };
}
