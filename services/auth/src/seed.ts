import type { Log } from '@quartet/common/process/logging.ts';
import { ownTurn } from './passwords.ts';
import type { Accounts } from './users/accounts.ts';
import { EmailTaken } from './users/email-taken.ts';
import type { UserStore } from './users/user-store.ts';

/** Of replicas that start together only one succeeds, since the address is unique. */
export async function seedFirstSuperuser(
  store: UserStore,
  accounts: Accounts,
  first: { email: string; password: string },
  log: Log,
): Promise<void> {
  if (await store.hasSuperuser()) return;
  const fields = { ...first, full_name: null, is_active: true, is_superuser: true };
  try {
    await accounts.create(fields, 'seed', { now: new Date() }, ownTurn);
    log.info('first superuser made');
  } catch (err) {
    if (!(err instanceof EmailTaken)) throw err;
    log.info('first superuser made by another replica, or its address is taken by a user');
  }
}
