import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { Email } from '../emails/email.ts';
import { attemptToSend, type SenderParts } from './attempt.ts';

export type Sender = {
  wake(): void;
  /** Waits for e-mails in flight; `cutOff` ends the conversations that still run. */
  stop(cutOff: AbortSignal): Promise<void>;
};

/** A slow e-mail does not count, so that others use the remaining connections. */
const QUICK_CONNECTIONS = 5;
const SLOW_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
const FIRST_AWAY_MS = 500;
const LONGEST_AWAY_MS = 15_000;
const PRESENT = { pauseMs: 0, until: 0 };

/** While the SMTP server is away, one e-mail at a time tries it, and the attempts do not count. */
export function startSender(parts: SenderParts, connections: number): Sender {
  const { store, log } = parts;
  const inFlight = new Map<Promise<void>, number>();
  const cut = new AbortController();
  /** An e-mail can be leased again while its last attempt ends, or after its lease ended in an outage. */
  const queue = createKeyedQueue();
  let isStopping = false;
  let away = PRESENT;
  let woken = Promise.withResolvers<void>();

  const idle = async (ms: number): Promise<void> => {
    const timer = setTimeout(woken.resolve, ms);
    await woken.promise;
    clearTimeout(timer);
    woken = Promise.withResolvers();
  };

  const send = async (email: Email): Promise<void> => {
    const before = away;
    const pauseMs = Math.min(Math.max(before.pauseMs * 2, FIRST_AWAY_MS), LONGEST_AWAY_MS);
    try {
      const server = await attemptToSend(parts, email, pauseMs, { queue, signal: cut.signal });
      if (server === 'answered') away = PRESENT;
      // E-mails that find the server away at the same time count once.
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

  const hasCapacity = (): boolean => {
    const slowSince = performance.now() - SLOW_AFTER_MS;
    const quick = [...inFlight.values()].filter((since) => since > slowSince);
    return inFlight.size < connections && quick.length < (away === PRESENT ? QUICK_CONNECTIONS : 1);
  };

  const run = async (): Promise<void> => {
    while (!isStopping) {
      const awayForMs = away.until - Date.now();
      const email = awayForMs <= 0 && hasCapacity() ? await claim() : null;
      if (email) {
        const sending = send(email).finally(() => {
          inFlight.delete(sending);
          woken.resolve();
        });
        inFlight.set(sending, performance.now());
      } else {
        await idle(awayForMs > 0 ? awayForMs : LOOK_EVERY_MS);
      }
    }
    await Promise.all(inFlight.keys());
  };

  const running = run();
  return {
    // While the server is away a new e-mail changes nothing.
    wake: () => void (away.until > Date.now() || woken.resolve()),
    async stop(cutOff) {
      isStopping = true;
      const cutNow = () => cut.abort(cutOff.reason);
      cutOff.addEventListener('abort', cutNow);
      if (cutOff.aborted) cutNow();
      woken.resolve();
      await running;
    },
  };
}
