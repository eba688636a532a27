import type { EventType } from '@quartet/common/events/contracts.ts';

/** These fields follow from the write; ids follow from the document. */
const FIELDS: Record<EventType, readonly string[]> = {
  'user.created': ['email', 'is_active', 'is_superuser', 'origin'],
  'user.updated': ['email', 'is_active', 'is_superuser', 'changed', 'previous_email', 'sessions_ended'],
  'user.logged-out': [],
  'user.session-stolen': ['email'],
  'user.verification-requested': ['email'],
  'user.deleted': ['email'],
  'password.reset-requested': ['email'],
  'password.changed': ['email', 'by'],
  'password.guessing-detected': ['email', 'failures'],
  'item.created': ['owner_id'],
  'item.updated': ['owner_id', 'changed'],
  'item.deleted': ['owner_id'],
};

/** Returns one line that is equal for the expected event and the one in the stream. */
export function fingerprint(type: EventType, data: Record<string, unknown>): string {
  const fields = FIELDS[type].map((name) => {
    const value = data[name];
    return `${name}=${Array.isArray(value) ? value.toSorted().join('+') : String(value)}`;
  });
  return [type, ...fields].join(' ');
}
