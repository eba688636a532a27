import type { LinkReply, LinkRequest } from '@quartet/common/events/user-request.ts';
import type { SignUpEmails } from '../events/on-user-created.ts';
import type { Email } from './email.ts';
import {
  type EmailKind,
  isLinkKind,
  type LinkEmailKind,
  type LinkEmailTemplate,
} from './rendering/email-kinds.ts';
import { type EmailContent, renderEmail } from './rendering/render-email.ts';

/** An e-mail that is only shown has no user; its link is for the superuser who asks. */
type Draft =
  | Pick<Email, '_id' | 'event_id' | 'kind' | 'to' | 'user_id'>
  | { kind: LinkEmailKind; to: string; authorization: string };

/** Returns undefined when there is no link, for example because the user is gone. */
export type ComposeEmail = (draft: Draft) => Promise<EmailContent | undefined>;

const PAGES: Record<LinkEmailTemplate, string> = {
  invitation: 'reset-password',
  'password-recovery': 'reset-password',
  'verify-email': 'verify-email',
  'welcome-with-link': 'verify-email',
  'email-changed': 'undo-email-change',
};

/** Each purpose has a name of its own, so that no event is good for a link of another purpose. */
const ASKED_BY: Partial<Record<EmailKind, 'email-change' | 'verification'>> = {
  'email-changed': 'email-change',
  'verify-email': 'verification',
  welcome: 'verification',
};

/** auth makes a link's token at each request, and nobody stores it. */
export function createComposeEmail(
  {
    signUpEmails,
    ...settings
  }: { projectName: string; frontendHost: string; signUpEmails: Pick<SignUpEmails, 'verification'> },
  requestLink: (request: LinkRequest) => Promise<LinkReply>,
): ComposeEmail {
  async function withLink(draft: Draft, template: LinkEmailTemplate): Promise<EmailContent | undefined> {
    const request = toRequest(draft);
    const reply = request && (await requestLink(request));
    if (!reply?.found) return undefined;
    const link = `${settings.frontendHost}/${PAGES[template]}?token=${reply.token}`;
    const email = reply.email ?? draft.to;
    return renderEmail(template, { ...settings, email, link, validHours: reply.valid_hours });
  }

  return async (draft) => {
    const { kind, to } = draft;
    const values = { ...settings, email: to };
    if (kind === 'welcome') {
      const verifies = signUpEmails.verification !== 'off';
      return (verifies && (await withLink(draft, 'welcome-with-link'))) || renderEmail(kind, values);
    }
    return isLinkKind(kind) ? withLink(draft, kind) : renderEmail(kind, values);
  };
}

function toRequest(draft: Draft): LinkRequest | undefined {
  if ('authorization' in draft)
    return { by: 'superuser', authorization: draft.authorization, email: draft.to };
  if (draft.user_id === null) return undefined;
  const { _id, event_id = _id, user_id } = draft;
  return { by: ASKED_BY[draft.kind] ?? 'event', event_id, user_id };
}
