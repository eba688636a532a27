import type { Log } from '@quartet/common/process/logging.ts';
import { type Email, LEASE_MS } from '../emails/email.ts';
import type { EmailStore } from '../emails/email-store.ts';

/** Keeps an e-mail in hand for as long as the work with it takes; a process that dies keeps it no longer than a lease. */
export async function whileLeased<T>(
  { store, log }: { store: EmailStore; log: Log },
  email: Email,
  work: () => Promise<T>,
): Promise<T> {
  const renewing = setInterval(() => {
    store.renew(email, new Date()).catch((err: unknown) => log.warn({ err }, 'lease not renewed'));
  }, LEASE_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
  }
}
