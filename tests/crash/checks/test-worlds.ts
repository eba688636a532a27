import type { EventData, EventType } from '@quartet/common/events/contracts.ts';
import { createEvent, type DomainEvent, readEvent } from '@quartet/common/events/envelope.ts';
import type { EmailDocument, Observed, Receipt } from '../observing/observed.ts';
import { fingerprint } from './fingerprint.ts';
import type { Tracked } from './model.ts';

export const USER = '0123456789abcdef01234567';
export const ITEM = '89abcdef0123456789abcdef';
const NOW = new Date('2026-11-23T09:00:00.000Z');
const PUBLIC = { email: 'ada@example.com', full_name: 'Ada', is_active: true, is_superuser: false };

export function eventOf<T extends EventType>(type: T, subject: string, data: EventData<T>): DomainEvent {
  return readEvent(JSON.stringify(createEvent(type, subject, data, NOW)));
}

export const created = eventOf('user.created', USER, { user_id: USER, ...PUBLIC, origin: 'signup' });
export const itemCreated = eventOf('item.created', ITEM, { item_id: ITEM, owner_id: USER });
export const itemUpdated = eventOf('item.updated', ITEM, {
  ...{ item_id: ITEM, owner_id: USER },
  changed: ['description'],
});
export const itemDeleted = eventOf('item.deleted', ITEM, { item_id: ITEM, owner_id: USER });

export const seen = (parts: Partial<Observed>): Observed => ({
  ...{ users: new Map(), items: new Map(), events: new Map(), emails: new Map(), receipts: new Map() },
  ...{ copies: 0, unhandled: new Map(), deadLetters: [], memories: [] },
  ...parts,
});

export const userDocument = { id: USER, ...PUBLIC };
export const itemDocument = { id: ITEM, title: 'item', description: 'a', owner_id: USER };

export const ada = (): Tracked => ({
  collection: 'users',
  key: { field: 'email', value: PUBLIC.email },
  id: USER,
  owner: undefined,
  answered: [{ what: 'signup', after: PUBLIC, fingerprints: [fingerprint(created.type, created.data)] }],
  lost: undefined,
});

export const itemOf = (owner: Tracked): Tracked => ({
  collection: 'items',
  key: { field: 'title', value: 'item' },
  id: ITEM,
  owner,
  answered: [
    {
      what: 'item',
      after: { title: 'item', description: 'a', owner_id: USER },
      fingerprints: [fingerprint(itemCreated.type, itemCreated.data)],
    },
  ],
  lost: undefined,
});

export function emailOf(event: DomainEvent, kind: string, status: string): EmailDocument {
  return { id: event.id, kind, to: PUBLIC.email, user_id: USER, status, last_error: null };
}

export const receiptAt = (event: DomainEvent, receivedAtMs: number): Receipt => ({
  ...{ eventId: event.id, to: PUBLIC.email, subject: 'Welcome' },
  receivedAtMs,
});
