import type { Past } from './broker-history.ts';

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

/** Everything there is once all is quiet, and what there was at the broker before. */
export type Observed = Past & {
  users: Map<string, StoredDocument>;
  items: Map<string, StoredDocument>;
  emails: Map<string, EmailDocument>;
  /** By event id, oldest first. */
  receipts: Map<string, Receipt[]>;
};
