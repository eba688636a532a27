import type { LinkReply, LinkRequest } from '@quartet/common/events/user-request.ts';
import type { Email } from './email.ts';
import { isLinkKind, type LinkEmailKind } from './rendering/email-kinds.ts';
import { type EmailContent, renderEmail } from './rendering/render-email.ts';

/** An e-mail that is only shown has no user; its link is for the superuser who asks. */
type Draft =
  | Pick<Email, '_id' | 'kind' | 'to' | 'user_id'>
  | { kind: LinkEmailKind; to: string; authorization: string };

/** Returns undefined when there is no link, for example because the user is gone. */
export type ComposeEmail = (draft: Draft) => Promise<EmailContent | undefined>;

const PAGES: Record<LinkEmailKind, string> = {
  invitation: 'reset-password',
  'password-recovery': 'reset-password',
  'email-changed': 'undo-email-change',
};

/** auth makes a link's token at each request, and nobody stores it. */
export function createComposeEmail(
  settings: { projectName: string; frontendHost: string },
  requestLink: (request: LinkRequest) => Promise<LinkReply>,
): ComposeEmail {
  return async (draft) => {
    const { kind, to } = draft;
    const values = { ...settings, email: to };
    if (!isLinkKind(kind)) return renderEmail(kind, values);
    const request = toRequest(draft);
    const reply = request && (await requestLink(request));
    if (!reply?.found) return undefined;
    const link = `${settings.frontendHost}/${PAGES[kind]}?token=${reply.token}`;
    const email = reply.email ?? to;
    return renderEmail(kind, { ...values, email, link, validHours: reply.valid_hours });
  };
}

function toRequest(draft: Draft): LinkRequest | undefined {
  if ('authorization' in draft)
    return { by: 'superuser', authorization: draft.authorization, email: draft.to };
  if (draft.user_id === null) return undefined;
  const by = draft.kind === 'email-changed' ? 'email-change' : 'event';
  return { by, event_id: draft._id, user_id: draft.user_id };
}
