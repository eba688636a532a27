import type { LinkReply, LinkRequest } from '@quartet/common/events/requests.ts';
import type { Email } from './email.ts';
import { isLinkKind } from './mail/mail-kinds.ts';
import { type MailContent, renderMail } from './mail/render-mail.ts';

/** Writes an e-mail, or returns undefined when the user whom its link was for is gone. */
export type Compose = (email: Pick<Email, 'kind' | 'to' | 'user_id'>) => Promise<MailContent | undefined>;

/** @param requestLink asks auth for a link's token, made at this moment and never stored */
export function createCompose(
  settings: { projectName: string; frontendHost: string },
  requestLink: (request: LinkRequest) => Promise<LinkReply>,
): Compose {
  return async ({ kind, to, user_id }) => {
    const values = { ...settings, email: to };
    if (!isLinkKind(kind)) return renderMail(kind, values);
    const reply = await requestLink(
      user_id === null ? { by: 'email', email: to } : { by: 'user', user_id, email: to },
    );
    if (!reply.found) return undefined;
    const link = `${settings.frontendHost}/reset-password?token=${reply.token}`;
    return renderMail(kind, { ...values, link, validHours: reply.valid_hours });
  };
}
