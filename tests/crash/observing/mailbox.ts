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

/** What the SMTP server has received, taken out of it bit by bit so that it has little to read when it starts again. */
export type Mailbox = {
  /** By event id, oldest first. */
  receipts: Map<string, Receipt[]>;
  /** Takes what is there now. Only while the server is left alone. */
  collect(): Promise<void>;
};

/** @param inbox address of the mail catcher, which has Mailpit's API */
export function createMailbox(inbox: string): Mailbox {
  const url = `${inbox}/api/v1/messages`;
  const receipts = new Map<string, Receipt[]>();
  return {
    receipts,
    async collect() {
      const found = messages.parse(await (await fetch(`${url}?limit=0`)).json()).messages;
      // Newest first is the server's order.
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
      // No ids would mean all: one that comes in just now must stay.
      if (found.length === 0) return;
      const body = JSON.stringify({ IDs: found.map(({ ID }) => ID) });
      const headers = { 'X-Requested-With': 'crash test' };
      const removed = await fetch(url, { method: 'DELETE', headers, body });
      if (!removed.ok) throw new Error(`the mail catcher answered ${removed.status}`);
    },
  };
}
