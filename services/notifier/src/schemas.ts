import { countField, timeField } from '@quartet/common/http/routes/answers.ts';
import * as z from 'zod';
import { type Email, emailStatuses } from './emails/email.ts';
import { emailKinds } from './emails/rendering/email-kinds.ts';

const example = {
  id: '5f0b8a4e-6c1d-4b6f-9a53-0e7d2c9b1f48',
  kind: 'welcome' as const,
  to: 'ada@example.com',
  subject: 'Quartet - Welcome',
  status: 'sent' as const,
  attempts: 1,
  last_error: null,
  created_at: '2026-11-22T10:00:00.000Z',
  updated_at: '2026-11-22T10:00:01.000Z',
  sent_at: '2026-11-22T10:00:01.000Z',
};

export const emailStatus = z.enum(emailStatuses);

export const emailPublic = z
  .object({
    id: z.string().meta({
      description:
        'Id of the event that caused it; a test e-mail, and the second one of an event, has one of its own',
    }),
    kind: z.enum(emailKinds),
    to: z.string(),
    subject: z.string(),
    status: emailStatus.meta({
      description: '`cancelled`: its user is gone, or another e-mail that waited has the same to say',
    }),
    attempts: z.int().min(0),
    last_error: z.string().nullable().meta({ description: 'Why it did not go out, or not yet' }),
    created_at: timeField,
    updated_at: timeField,
    sent_at: timeField.nullable(),
  })
  .meta({ id: 'EmailPublic', examples: [example] });

export type EmailPublic = z.output<typeof emailPublic>;

export const emailsPublic = z
  .object({ data: z.array(emailPublic), count: countField })
  .meta({ id: 'EmailsPublic', examples: [{ data: [example], count: 1 }] });

export const toEmailPublic = (email: Email): EmailPublic => ({
  id: email._id,
  kind: email.kind,
  to: email.to,
  subject: email.subject,
  status: email.status,
  attempts: email.attempts,
  last_error: email.last_error,
  created_at: email.created_at.toISOString(),
  updated_at: email.updated_at.toISOString(),
  sent_at: email.sent_at?.toISOString() ?? null,
});
