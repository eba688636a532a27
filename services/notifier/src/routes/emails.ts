import { conflict, notFound } from '@quartet/common/errors.ts';
import { TYPED_MAX_LENGTH } from '@quartet/common/http/input/email-address.ts';
import { filter, pageQuery } from '@quartet/common/http/input/fields.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import * as z from 'zod';
import type { EmailStore } from '../emails/email-store.ts';
import { emailPublic, emailStatus, emailsPublic, toEmailPublic } from '../schemas.ts';

const id = { description: "The e-mail's id", example: '5f0b8a4e-6c1d-4b6f-9a53-0e7d2c9b1f48', maxLength: 36 };
const unknown = () => notFound('Email not found');
const notFailed = () => conflict('Email has not failed');
const queuedAgain = { message: 'Email queued again' };

const query = z.object({
  status: emailStatus.optional().meta({ description: 'Only those of this status', example: 'failed' }),
  to: filter({ max: TYPED_MAX_LENGTH }).optional().meta({
    description: 'Only those to this address, which is the whole of it',
    example: 'ada@example.com',
  }),
  ...pageQuery.shape,
});

export function emailRoutes(parts: {
  store: EmailStore;
  waitingFor: string | null;
  queued: () => void;
}): Route[] {
  const { store, waitingFor, queued } = parts;
  return [
    route({
      method: 'GET',
      path: '/emails/',
      access: 'superuser',
      operationId: 'emails-read_emails',
      summary: 'List e-mails',
      description: 'What became of every e-mail, newest first; never what is written in it.',
      query,
      answer: { schema: emailsPublic },
      async handler({ query: { status, to, ...page } }) {
        const { data, count } = await store.list({ status, to }, page);
        return { data: data.map(toEmailPublic), count };
      },
    }),
    route({
      method: 'GET',
      path: '/emails/{id}',
      access: 'superuser',
      operationId: 'emails-read_email',
      summary: 'Get an e-mail',
      description: 'What became of it; never what is written in it.',
      params: { id },
      answer: { schema: emailPublic },
      refusals: [unknown],
      async handler({ params }) {
        const email = await store.find(params.id);
        if (!email) throw unknown();
        return toEmailPublic(email);
      },
    }),
    route({
      method: 'POST',
      path: '/emails/{id}/retry',
      access: 'superuser',
      operationId: 'emails-retry_email',
      summary: 'Send a failed e-mail again',
      description: 'Puts it into the queue once more. Its attempts count on; a link in it is a new one.',
      params: { id },
      answer: { schema: message, example: queuedAgain },
      refusals: [unknown, notFailed],
      async handler({ params }) {
        if (!(await store.retry(params.id, waitingFor, new Date()))) {
          throw (await store.find(params.id)) ? notFailed() : unknown();
        }
        queued();
        return queuedAgain;
      },
    }),
  ];
}
