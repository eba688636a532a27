import { AppError } from '@quartet/common/errors.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import type { Accounts } from './accounts.ts';
import { EmailTaken } from './email-taken.ts';
import type { UserStore } from './user-store.ts';

/** Of several users of one mailbox the oldest gets it. @throws the last error, after all were tried */
export async function respellUsers(
  store: UserStore,
  accounts: Accounts,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let failure: unknown;
  for await (const { _id, email } of store.perhapsSpelledOtherwise()) {
    if (signal.aborted) return;
    if (normalizeEmail(email) === email) continue;
    const user_id = _id.toHexString();
    try {
      await accounts.respell(user_id, new Date());
      log.info({ user_id }, 'address brought into the form');
    } catch (err) {
      if (err instanceof EmailTaken) log.warn({ user_id }, 'another user has the same mailbox');
      // An `AppError` means that the user was deleted meanwhile.
      else if (!(err instanceof AppError)) failure = err;
    }
  }
  if (failure) throw failure;
}
