import { notFound } from '@quartet/common/errors.ts';
import { Reply, type Route, route } from '@quartet/common/http/route.ts';
import * as z from 'zod';
import type { Compose } from '../compose.ts';

const unknownAddress = () => notFound('The user with this username does not exist in the system.');

/** Shows an admin the recovery e-mail of a user. */
export function recoveryHtmlRoute(compose: Compose): Route {
  return route({
    method: 'POST',
    path: '/password-recovery-html-content/{email}',
    access: 'superuser',
    operationId: 'login-recover_password_html_content',
    summary: "Show a user's password recovery e-mail",
    description: 'The HTML as it would be sent, with a link that works. Nothing is sent.',
    params: { email: { description: "The user's address", example: 'ada@example.com' } },
    answer: {
      schema: z.string(),
      example: '<!doctype html><html>...</html>',
      mediaType: 'text/html; charset=utf-8',
      headers: { subject: "The e-mail's subject" },
    },
    refusals: [unknownAddress],
    async handler({ params, authorization }) {
      const content = await compose({ kind: 'password-recovery', to: params.email, authorization });
      if (!content) throw unknownAddress();
      return new Reply(content.html, {
        // A header holds bytes (RFC 9110, 5.5); Node writes each Latin-1 character as one.
        subject: Buffer.from(content.subject, 'utf8').toString('latin1'),
      });
    },
  });
}
