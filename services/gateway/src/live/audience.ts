import type { DomainEvent } from '@quartet/common/events/envelope.ts';

/** The user whom an event is about; superusers see every event besides. */
export const userOf = ({ data }: DomainEvent): string => ('owner_id' in data ? data.owner_id : data.user_id);
