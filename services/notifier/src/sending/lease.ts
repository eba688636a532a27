import type { Log } from '@quartet/common/process/logging.ts';
import { type Email, LEASE_MS } from '../emails/email.ts';
import type { EmailStore } from '../emails/email-store.ts';

/** When the process dies, the lease ends by itself. */
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
