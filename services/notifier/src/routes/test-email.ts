import { unavailable } from '@quartet/common/errors.ts';
import { email } from '@quartet/common/http/fields.ts';
import { type Route, route } from '@quartet/common/http/route.ts';
import * as z from 'zod';
import type { Compose } from '../compose.ts';
import { type EmailStore, leaseEnd } from '../email-store.ts';
import { testEmail } from '../emails.ts';
import { type Smtp, SmtpError } from '../smtp.ts';

const RETRY_AFTER_SECONDS = 30;

export function testEmailRoute(parts: {
  store: EmailStore;
  compose: Compose;
  projectName: string;
  smtp: Smtp | { missing: string };
}): Route {
  const { store, compose, projectName, smtp } = parts;
  return route({
    method: 'POST',
    path: '/utils/test-email',
    access: 'superuser',
    operationId: 'utils-test_email',
    summary: 'Send a test e-mail now',
    query: z.object({ email_to: email() }),
    answer: { status: 201, schema: z.object({ message: z.string() }) },
    async handler({ query }) {
      if ('missing' in smtp) throw unavailable(smtp.missing, RETRY_AFTER_SECONDS);
      const now = new Date();
      const mail = { ...testEmail(query.email_to, projectName, now), due_at: leaseEnd(now) };
      await store.insert(mail);
      const content = await compose(mail);
      if (!content) throw new Error('a test e-mail needs no link');
      try {
        await smtp.send(mail, content);
      } catch (err) {
        if (!(err instanceof SmtpError)) throw err;
        await store.record(mail._id, { status: 'failed', error: err.message, counts: true }, new Date());
        throw unavailable(err.message, RETRY_AFTER_SECONDS);
      }
      await store.record(mail._id, { status: 'sent', error: null, counts: true }, new Date());
      return { message: 'Test email sent' };
    },
  });
}
