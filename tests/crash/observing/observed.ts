import type { Past } from './broker-history.ts';

export type StoredDocument = Record<string, unknown> & { id: string };

export type EmailDocument = {
  id: string;
  kind: string;
  to: string;
  user_id: string | null;
  status: string;
  last_error: string | null;
};

export type Receipt = { eventId: string; to: string; subject: string; receivedAtMs: number };

export type Observed = Past & {
  users: Map<string, StoredDocument>;
  items: Map<string, StoredDocument>;
  emails: Map<string, EmailDocument>;
  /** The keys are event ids; the order is oldest first. */
  receipts: Map<string, Receipt[]>;
};
