import type { SettingsRule } from '@quartet/common/config/contradictions.ts';
import { verificationFields } from '@quartet/common/config/email-verification.ts';
import { flag, host, httpUrl, line, remotePort, whole } from '@quartet/common/config/fields.ts';
import { email } from '@quartet/common/http/input/email-address.ts';
import { readSettings, serviceConfig, serviceFields } from '@quartet/common/service/settings.ts';
import * as z from 'zod';
import { services } from '../../services.ts';
import type { SmtpTimes } from './smtp/smtp-clock.ts';

const SUBMISSION_PORT = 587;
const HOUR_SECONDS = 3_600;

const self = services.notifier;

export const schema = z.object({
  ...serviceFields(self),
  ...verificationFields,
  WELCOME_EMAIL: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  FRONTEND_HOST: httpUrl('http://localhost:8000'),
  SMTP_HOST: host().optional(),
  SMTP_PORT: remotePort(SUBMISSION_PORT),
  SMTP_USER: line().optional(),
  SMTP_PASSWORD: line().optional(),
  SMTP_TLS: flag(true),
  SMTP_SSL: flag(false),
  SMTP_CONNECTIONS: whole(20, 1, 100),
  SMTP_CONNECT_SECONDS: whole(30, 1, HOUR_SECONDS),
  // RFC 5321, 4.5.3.2 has these minimum values.
  SMTP_REPLY_SECONDS: whole(300, 1, HOUR_SECONDS),
  SMTP_FINAL_REPLY_SECONDS: whole(600, 1, HOUR_SECONDS),
  EMAILS_FROM_EMAIL: email().optional(),
  EMAILS_FROM_NAME: line().optional(),
});

type Env = z.output<typeof schema>;

export type SmtpSettings = {
  host: string;
  port: number;
  user: string | undefined;
  password: string | undefined;
  /** TLS starts with the first byte. */
  implicitTls: boolean;
  /** The connection starts plain, and STARTTLS must succeed. */
  startTls: boolean;
  from: { name: string; address: string };
  times: SmtpTimes;
  connections: number;
};

const smtpLogin: SettingsRule<Env> = ({ SMTP_USER, SMTP_PASSWORD }) =>
  SMTP_PASSWORD !== undefined && SMTP_USER === undefined
    ? { name: 'SMTP_USER', mistake: 'is needed with SMTP_PASSWORD' }
    : undefined;

export type NotifierConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} when a setting is wrong; it names every mistake */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const read = readSettings(schema, self, env, { rules: [smtpLogin] });
  return {
    ...serviceConfig(read, self),
    projectName: read.PROJECT_NAME,
    frontendHost: read.FRONTEND_HOST,
    signUpEmails: { welcome: read.WELCOME_EMAIL === 'on', verification: read.EMAIL_VERIFICATION },
    smtp: smtpSettings(read),
  };
}

/** E-mails wait while a setting is missing. */
function smtpSettings(read: Env): SmtpSettings | { missing: string } {
  if (read.SMTP_HOST === undefined) return { missing: 'SMTP_HOST is not set' };
  if (read.EMAILS_FROM_EMAIL === undefined) return { missing: 'EMAILS_FROM_EMAIL is not set' };
  return {
    host: read.SMTP_HOST,
    port: read.SMTP_PORT,
    user: read.SMTP_USER,
    password: read.SMTP_PASSWORD,
    implicitTls: read.SMTP_SSL,
    startTls: read.SMTP_TLS && !read.SMTP_SSL,
    from: { name: read.EMAILS_FROM_NAME ?? read.PROJECT_NAME, address: read.EMAILS_FROM_EMAIL },
    times: {
      connectMs: 1_000 * read.SMTP_CONNECT_SECONDS,
      replyMs: 1_000 * read.SMTP_REPLY_SECONDS,
      finalReplyMs: 1_000 * read.SMTP_FINAL_REPLY_SECONDS,
    },
    connections: read.SMTP_CONNECTIONS,
  };
}
