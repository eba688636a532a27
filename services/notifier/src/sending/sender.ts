import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { Email } from '../emails/email.ts';
import { attempt, type SenderParts } from './attempt.ts';

/** Sends queued e-mails for as long as it runs. */
export type Sender = {
  /** Something is due: do not wait for the next look. */
  wake(): void;
  /**
   * Takes no further e-mail and waits for those in hand.
   * @param cutOff breaks off what is still in hand then
   */
  stop(cutOff: AbortSignal): Promise<void>;
};

/** So many e-mails are sent at a time; one that takes longer makes room for another, up to all connections. */
const QUICK_CONNECTIONS = 5;
const SLOW_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
const FIRST_AWAY_MS = 500;
const LONGEST_AWAY_MS = 15_000;
const PRESENT = { pauseMs: 0, until: 0 };

/**
 * Sends what is due. While the SMTP server is away it is asked with one e-mail at a time, at growing intervals, and
 * no e-mail is held against it; when it is back all go out at once. Replicas share the queue by leases.
 * @param connections how many e-mails are sent at a time at most
 */
export function startSender(parts: SenderParts, connections: number): Sender {
  const { store, log } = parts;
  /** Since when each is in hand. */
  const inHand = new Map<Promise<void>, number>();
  const cut = new AbortController();
  /** An e-mail may be in hand still: due again as its attempt ends, or as its lease ended in an outage. */
  const inTurn = createKeyedQueue();
  let isStopping = false;
  let away = PRESENT;
  let poked = Promise.withResolvers<void>();

  const idle = async (ms: number): Promise<void> => {
    const timer = setTimeout(poked.resolve, ms);
    await poked.promise;
    clearTimeout(timer);
    poked = Promise.withResolvers();
  };

  const send = async (email: Email): Promise<void> => {
    const before = away;
    const pauseMs = Math.min(Math.max(before.pauseMs * 2, FIRST_AWAY_MS), LONGEST_AWAY_MS);
    try {
      const server = await attempt(parts, email, pauseMs, { inTurn, signal: cut.signal });
      if (server === 'answered') away = PRESENT;
      // Several may find it away at the same time, which is once.
      if (server === 'away' && away === before) away = { pauseMs, until: Date.now() + pauseMs };
    } catch (err) {
      log.warn({ err, email_id: email._id }, 'an e-mail was left to the end of its lease');
    }
  };

  const claim = async (): Promise<Email | null> => {
    try {
      return await store.claim(new Date());
    } catch (err) {
      log.warn({ err }, 'the e-mail queue could not be read');
      return null;
    }
  };

  const hasRoom = (): boolean => {
    const slowSince = performance.now() - SLOW_AFTER_MS;
    const quick = [...inHand.values()].filter((since) => since > slowSince);
    return inHand.size < connections && quick.length < (away === PRESENT ? QUICK_CONNECTIONS : 1);
  };

  const run = async (): Promise<void> => {
    while (!isStopping) {
      const awayForMs = away.until - Date.now();
      const email = awayForMs <= 0 && hasRoom() ? await claim() : null;
      if (email) {
        const sending = send(email).finally(() => {
          inHand.delete(sending);
          poked.resolve();
        });
        inHand.set(sending, performance.now());
      } else {
        await idle(awayForMs > 0 ? awayForMs : LOOK_EVERY_MS);
      }
    }
    await Promise.all(inHand.keys());
  };

  const running = run();
  return {
    // New e-mails do not bring an absent server back.
    wake: () => void (away.until > Date.now() || poked.resolve()),
    async stop(cutOff) {
      isStopping = true;
      const cutNow = () => cut.abort(cutOff.reason);
      cutOff.addEventListener('abort', cutNow);
      if (cutOff.aborted) cutNow();
      poked.resolve();
      await running;
    },
  };
}
