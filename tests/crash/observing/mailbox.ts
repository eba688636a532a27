import * as z from 'zod';
import type { Receipt } from './observed.ts';

const messages = z.object({
  messages: z.array(
    z.object({
      ID: z.string(),
      MessageID: z.string(),
      To: z.array(z.object({ Address: z.string() })),
      Subject: z.string(),
      Created: z.string(),
    }),
  ),
});

/** E-mails are removed from the server, so that it restarts quickly. */
export type Mailbox = {
  /** The keys are event ids; the order is oldest first. */
  receipts: Map<string, Receipt[]>;
  /** Nobody may kill the server meanwhile. */
  collect(): Promise<void>;
};

export function createMailbox(inbox: string): Mailbox {
  const url = `${inbox}/api/v1/messages`;
  const receipts = new Map<string, Receipt[]>();
  return {
    receipts,
    async collect() {
      const found = messages.parse(await (await fetch(`${url}?limit=0`)).json()).messages;
      for (const { MessageID, To, Subject, Created } of found.toReversed()) {
        const [eventId = ''] = MessageID.split('@');
        const receipt = {
          eventId,
          to: To[0]?.Address ?? '',
          subject: Subject,
          receivedAtMs: Date.parse(Created),
        };
        receipts.set(eventId, [...(receipts.get(eventId) ?? []), receipt]);
      }
      // An empty list would delete all e-mails.
      if (found.length === 0) return;
      const body = JSON.stringify({ IDs: found.map(({ ID }) => ID) });
      const headers = { 'X-Requested-With': 'crash test' };
      const removed = await fetch(url, { method: 'DELETE', headers, body });
      if (!removed.ok) throw new Error(`the mail catcher answered ${removed.status}`);
    },
  };
}
