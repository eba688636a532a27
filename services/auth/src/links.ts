import type { LinkReply, LinkRequest } from '@quartet/common/events/requests.ts';
import type { Minter } from './tokens.ts';
import type { UserStore } from './user-store.ts';

/**
 * Makes links for e-mails that are about to be sent. A link never goes to an address that its user had before:
 * whoever reads that mailbox now could take the account.
 */
export function createLinkAnswer(store: UserStore, minter: Minter, validHours: number) {
  return async (request: LinkRequest): Promise<LinkReply> => {
    const user =
      request.by === 'user' ? await store.findById(request.user_id) : await store.findByEmail(request.email);
    if (user?.email !== request.email) return { found: false };
    return { found: true, token: minter.linkToken(user), valid_hours: validHours };
  };
}
