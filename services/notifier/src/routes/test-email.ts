import { unavailable } from '@quartet/common/errors.ts';
import { email } from '@quartet/common/http/input/email-address.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import * as z from 'zod';
import type { ComposeEmail } from '../emails/compose.ts';
import { testEmail } from '../emails/email-queue.ts';
import type { EmailStore } from '../emails/email-store.ts';
import { whileLeased } from '../sending/lease.ts';
import type { Smtp } from '../smtp/smtp.ts';
import { SmtpError } from '../smtp/smtp-fault.ts';

const RETRY_AFTER_SECONDS = 30;
/** The caller and the gateway do not wait as long as the queue does. */
const WITHIN_SECONDS = 15;

const sent = { message: 'Test email sent' };
const notSent = (reason: string) => unavailable(reason, RETRY_AFTER_SECONDS);

export function testEmailRoute(parts: {
  store: EmailStore;
  compose: ComposeEmail;
  projectName: string;
  smtp: Smtp | { missing: string };
  log: Log;
  cutOff: AbortSignal;
}): Route {
  const { store, compose, projectName, smtp, cutOff } = parts;
  return route({
    method: 'POST',
    path: '/utils/test-email/',
    access: 'superuser',
    operationId: 'utils-test_email',
    summary: 'Send a test e-mail',
    description: `Sends it now, in the request; where that fails, the answer says why in the SMTP server's words. It is given ${WITHIN_SECONDS} s, other e-mails the times of the settings.`,
    query: z.object({
      email_to: email().meta({ description: 'Where it goes', example: 'ada@example.com' }),
    }),
    answer: { status: 201, schema: message, example: sent },
    refusals: [() => notSent('connect ECONNREFUSED 127.0.0.1:1025')],
    async handler({ query }) {
      if ('missing' in smtp) throw notSent(smtp.missing);
      const mail = testEmail(query.email_to, projectName, new Date());
      await store.insertLeased(mail);
      const content = await compose(mail);
      if (!content) throw new Error('a test e-mail needs no link');
      const late = new AbortController();
      const reason = `a test e-mail is given ${WITHIN_SECONDS} s`;
      const timer = setTimeout(() => late.abort(reason), WITHIN_SECONDS * 1_000);
      try {
        const signal = AbortSignal.any([late.signal, cutOff]);
        await whileLeased(parts, mail, () => smtp.send(mail, content, signal));
      } catch (err) {
        if (!(err instanceof SmtpError)) throw err;
        await store.record(mail, { status: 'failed', error: err.message, counts: true }, new Date());
        throw notSent(err.message);
      } finally {
        clearTimeout(timer);
      }
      await store.record(mail, { status: 'sent', error: null, counts: true }, new Date());
      return sent;
    },
  });
}
