import type { Conversation } from './smtp-conversation.ts';

/** Below the 5 minutes for which RFC 5321 asks a server to wait, so that it is seldom the server who closes. */
const IDLE_MS = 60_000;
/** Some servers take no more in one conversation. */
const LETTERS = 100;

/** Conversations between two e-mails. */
export function createSmtpPool() {
  const idle = new Map<Conversation, NodeJS.Timeout>();
  const letters = new WeakMap<Conversation, number>();
  let isClosed = false;

  const take = (): Conversation | undefined => {
    for (const [conversation, timer] of idle) {
      clearTimeout(timer);
      idle.delete(conversation);
      if (!conversation.isOver()) return conversation;
    }
    return undefined;
  };

  return {
    take,

    /** After an e-mail. */
    give(conversation: Conversation): void {
      const sent = (letters.get(conversation) ?? 0) + 1;
      letters.set(conversation, sent);
      if (isClosed || sent >= LETTERS) {
        conversation.end();
        return;
      }
      const leave = () => {
        idle.delete(conversation);
        conversation.end();
      };
      idle.set(conversation, setTimeout(leave, IDLE_MS).unref());
    },

    close(): void {
      isClosed = true;
      for (let next = take(); next; next = take()) next.end();
    },
  };
}
