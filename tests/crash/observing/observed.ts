import type { DomainEvent } from '@quartet/common/events/envelope.ts';

/** A document as stored, with its id as text. */
export type StoredDocument = Record<string, unknown> & { id: string };

/** An e-mail's document, as far as it is checked. */
export type EmailDocument = {
  id: string;
  kind: string;
  to: string;
  user_id: string | null;
  status: string;
  last_error: string | null;
};

/** An e-mail as the SMTP server has it. */
export type Receipt = { eventId: string; to: string; subject: string; receivedAtMs: number };

/** Everything there is once all is quiet. */
export type Observed = {
  users: Map<string, StoredDocument>;
  items: Map<string, StoredDocument>;
  /** By what they are about, in the stream's order, each id once. */
  events: Map<string, DomainEvent[]>;
  /** Copies of events that stand in the stream already. */
  copies: number;
  emails: Map<string, EmailDocument>;
  /** By event id, oldest first. */
  receipts: Map<string, Receipt[]>;
  deadLetters: string[];
};
