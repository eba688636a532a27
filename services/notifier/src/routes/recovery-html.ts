import { notFound } from '@quartet/common/errors.ts';
import { TYPED_MAX_LENGTH } from '@quartet/common/http/input/email-address.ts';
import { Reply, type Route, route } from '@quartet/common/http/routes/route.ts';
import * as z from 'zod';
import type { ComposeEmail } from '../emails/compose.ts';

/** A header takes ASCII, so the rest and `%` are percent-encoded as UTF-8 (RFC 3986, 2.1). */
const headerText = (text: string): string => text.toWellFormed().replace(/[^ -$&-~]+/g, encodeURIComponent);

const unknownAddress = () => notFound('The user with this username does not exist in the system.');

export function recoveryHtmlRoute(compose: ComposeEmail): Route {
  return route({
    method: 'POST',
    path: '/password-recovery-html-content/{email}',
    access: 'superuser',
    operationId: 'login-recover_password_html_content',
    summary: "Show a user's password recovery e-mail",
    description: 'The HTML as it would be sent, with a link that works. Nothing is sent.',
    params: {
      email: { description: "The user's address", example: 'ada@example.com', maxLength: TYPED_MAX_LENGTH },
    },
    answer: {
      schema: z.string(),
      example: '<!doctype html><html>...</html>',
      mediaType: 'text/html; charset=utf-8',
      headers: {
        subject:
          "The e-mail's subject: `%` and all that is not ASCII stand in it percent-encoded as UTF-8 (RFC 3986, 2.1), which `decodeURIComponent` reads. Pages may read this header.",
      },
    },
    refusals: [unknownAddress],
    async handler({ params, authorization }) {
      const content = await compose({ kind: 'password-recovery', to: params.email, authorization });
      if (!content) throw unknownAddress();
      return new Reply(content.html, {
        subject: headerText(content.subject),
        // The gateway adds the headers that it always exposes.
        'Access-Control-Expose-Headers': 'subject',
      });
    },
  });
}
