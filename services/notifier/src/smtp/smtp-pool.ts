import type { Conversation } from './smtp-conversation.ts';

/** RFC 5321 asks a server to wait for 5 minutes, so the client closes first. */
const IDLE_MS = 60_000;
/** Some servers take no more in one conversation. */
const MOST_EMAILS = 100;

export function createSmtpPool() {
  const idle = new Map<Conversation, NodeJS.Timeout>();
  const sentBy = new WeakMap<Conversation, number>();
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

    give(conversation: Conversation): void {
      const sent = (sentBy.get(conversation) ?? 0) + 1;
      sentBy.set(conversation, sent);
      if (isClosed || sent >= MOST_EMAILS) {
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
