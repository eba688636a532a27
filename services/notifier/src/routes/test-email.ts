import { unavailable } from '@quartet/common/errors.ts';
import { message } from '@quartet/common/http/answers.ts';
import { email } from '@quartet/common/http/fields.ts';
import { type Route, route } from '@quartet/common/http/route.ts';
import * as z from 'zod';
import type { Compose } from '../compose.ts';
import type { EmailStore } from '../email-store.ts';
import { testEmail } from '../emails.ts';
import { type Smtp, SmtpError } from '../smtp.ts';

const RETRY_AFTER_SECONDS = 30;

const sent = { message: 'Test email sent' };
const notSent = (reason: string) => unavailable(reason, RETRY_AFTER_SECONDS);

export function testEmailRoute(parts: {
  store: EmailStore;
  compose: Compose;
  projectName: string;
  smtp: Smtp | { missing: string };
}): Route {
  const { store, compose, projectName, smtp } = parts;
  return route({
    method: 'POST',
    path: '/utils/test-email/',
    access: 'superuser',
    operationId: 'utils-test_email',
    summary: 'Send a test e-mail',
    description:
      "Sends it now, in the request; where that fails, the answer says why in the SMTP server's words.",
    query: z.object({
      email_to: email().meta({ description: 'Where it goes', example: 'ada@example.com' }),
    }),
    answer: { status: 201, schema: message, example: sent },
    refusals: [() => notSent('connect ECONNREFUSED 127.0.0.1:1025')],
    async handler({ query }) {
      if ('missing' in smtp) throw notSent(smtp.missing);
      const mail = testEmail(query.email_to, projectName, new Date());
      await store.insertHeld(mail);
      const content = await compose(mail);
      if (!content) throw new Error('a test e-mail needs no link');
      try {
        await smtp.send(mail, content);
      } catch (err) {
        if (!(err instanceof SmtpError)) throw err;
        await store.record(mail, { status: 'failed', error: err.message, counts: true }, new Date());
        throw notSent(err.message);
      }
      await store.record(mail, { status: 'sent', error: null, counts: true }, new Date());
      return sent;
    },
  });
}
