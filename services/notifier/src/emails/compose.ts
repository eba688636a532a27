import type { LinkReply, LinkRequest } from '@quartet/common/events/password-link-request.ts';
import type { Email } from './email.ts';
import { isLinkKind, type LinkMailKind } from './rendering/mail-kinds.ts';
import { type MailContent, renderMail } from './rendering/render-mail.ts';

/** What an e-mail is written from. One that is only shown has no user: its link is for the superuser who asks. */
type Draft =
  | Pick<Email, '_id' | 'kind' | 'to' | 'user_id'>
  | { kind: LinkMailKind; to: string; authorization: string };

/** Writes an e-mail, or returns undefined when there is no link for it (any more): its user is gone, say. */
export type Compose = (draft: Draft) => Promise<MailContent | undefined>;

const PAGES: Record<LinkMailKind, string> = {
  invitation: 'reset-password',
  'password-recovery': 'reset-password',
  'email-changed': 'undo-email-change',
};

/** @param requestLink asks auth for a link's token, made at this moment and never stored */
export function createCompose(
  settings: { projectName: string; frontendHost: string },
  requestLink: (request: LinkRequest) => Promise<LinkReply>,
): Compose {
  return async (draft) => {
    const { kind, to } = draft;
    const values = { ...settings, email: to };
    if (!isLinkKind(kind)) return renderMail(kind, values);
    const request = toRequest(draft);
    const reply = request && (await requestLink(request));
    if (!reply?.found) return undefined;
    const link = `${settings.frontendHost}/${PAGES[kind]}?token=${reply.token}`;
    const email = reply.email ?? to;
    return renderMail(kind, { ...values, email, link, validHours: reply.valid_hours });
  };
}

function toRequest(draft: Draft): LinkRequest | undefined {
  if ('authorization' in draft)
    return { by: 'superuser', authorization: draft.authorization, email: draft.to };
  if (draft.user_id === null) return undefined;
  const by = draft.kind === 'email-changed' ? 'email-change' : 'event';
  return { by, event_id: draft._id, user_id: draft.user_id };
}
