import { list } from '@quartet/common/config/fields.ts';
import { z } from 'zod';

const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'is not a port number')
    .transform(Number)
    .refine((value) => value <= 65_535, 'is not a port number')
    .default(fallback);

const schema = z.object({
  MAIL_SMTP_PORT: port(1025),
  MAIL_HTTP_PORT: port(8025),
  MAIL_HOST: z.string().default('127.0.0.1'),
  MAIL_HOSTS: list(''),
  MAIL_DIR: z.string().optional(),
  MAIL_MAX: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'is not a number from 1 to 999999')
    .transform(Number)
    .default(500),
});

/** A port of 0 means any free one; without `directory` mails are only in memory. */
export type MailCatcherConfig = {
  host: string;
  smtpPort: number;
  httpPort: number;
  maxMails: number;
  directory?: string;
  hosts?: readonly string[];
};

/** An empty variable counts as unset. @throws {Error} with every mistake in one message */
export function readConfig(env: Record<string, string | undefined>): MailCatcherConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name} ${issue.message} (${JSON.stringify(given[name])})`;
    });
    throw new Error(`configuration: ${mistakes.join('; ')}`);
  }
  const { MAIL_HOST, MAIL_SMTP_PORT, MAIL_HTTP_PORT, MAIL_MAX, MAIL_DIR, MAIL_HOSTS } = parsed.data;
  return {
    host: MAIL_HOST,
    smtpPort: MAIL_SMTP_PORT,
    httpPort: MAIL_HTTP_PORT,
    maxMails: MAIL_MAX,
    hosts: MAIL_HOSTS,
    ...(MAIL_DIR === undefined ? {} : { directory: MAIL_DIR }),
  };
}
