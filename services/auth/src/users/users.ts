import type { EventData, UserOrigin } from '@quartet/common/events/contracts.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { ObjectId } from 'mongodb';
import { withGrant } from '../links/link-grants.ts';
import { grantsAfter, grantsBefore, mayUndo, restoredAddress } from '../links/undo-grants.ts';
import type { LinkGrant, UndoGrant, User, UserChange } from './user.ts';
import { resetRequested, userEvent } from './user-events.ts';
import { exceptSession } from './user-sessions.ts';

export type NewUser = Pick<User, 'email' | 'full_name' | 'hashed_password' | 'is_active' | 'is_superuser'>;

/** A field that is left out stays as it is. */
export type UserPatch = { [K in keyof NewUser]?: NewUser[K] | undefined };

export type PasswordChangedBy = EventData<'password.changed'>['by'];

export function createUser(_id: ObjectId, fields: NewUser, origin: UserOrigin, context: EventContext): User {
  const { email, is_active, is_superuser } = fields;
  const created = { user_id: _id.toHexString(), email, is_active, is_superuser, origin };
  const event = userEvent('user.created', _id, created, context);
  const invited: LinkGrant[] = [{ event_id: event.id, at: context.now, email_version: 0 }];
  return {
    _id,
    ...fields,
    email_version: 0,
    token_version: 0,
    ...exceptSession(null, 0),
    revision: 0,
    link_grants: origin === 'admin' ? invited : [],
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
    ([name, value]) => value !== undefined && value !== before[name as keyof NewUser],
  );
  if (entries.length === 0) return undefined;
  const set: UserChange['set'] = Object.fromEntries(entries);
  const { email, is_active, is_superuser } = { ...user, ...set };
  const subject = { user_id: user._id.toHexString(), email };
  const events: OutboxEntry[] = [];
  const changed = entries.map(([name]) => name).filter((name) => name !== 'hashed_password');
  if (changed.length > 0) {
    const isUndoable = set.email !== undefined && mayUndo(user, set.email, context.now);
    const previous = isUndoable ? { previous_email: user.email } : {};
    const updated = { ...subject, is_active, is_superuser, changed, ...previous };
    const event = userEvent('user.updated', user._id, updated, context);
    events.push(event);
    if (set.email !== undefined) set.undo_grants = grantsAfter(user, set.email, event.id, context.now);
  }
  if (set.hashed_password === undefined) return { set, events, now: context.now };
  events.push(userEvent('password.changed', user._id, { ...subject, by: password.by }, context));
  return { set, events, now: context.now, endSessions: { except: password.except } };
}

/** A thief may know the password and have links, so all of them end. Nobody knows the new password. */
export function undoEmailChange(
  user: User,
  grant: UndoGrant,
  hashed_password: string,
  context: EventContext,
  linkSeconds: number,
): UserChange {
  const { _id, is_active, is_superuser } = user;
  const { now } = context;
  const email = restoredAddress(grant);
  const restored = { ...user, email, email_version: user.email_version + 1 };
  const changed = email === user.email ? [] : ['email'];
  const data = { user_id: _id.toHexString(), email, is_active, is_superuser, changed, sessions_ended: true };
  // A deactivated user could not use the link.
  const resets = is_active ? [resetRequested(restored, context)] : [];
  return {
    set: {
      email,
      hashed_password,
      undo_grants: grantsBefore(user, grant, now),
      link_grants: resets.flatMap(({ id }) => withGrant(restored, id, now, linkSeconds)),
    },
    endSessions: { except: null },
    events: [userEvent('user.updated', _id, data, context), ...resets],
    now,
  };
}
