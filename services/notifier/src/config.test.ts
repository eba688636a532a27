import { ConfigError } from '@quartet/common/config/config.ts';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const SENDING = { SMTP_HOST: 'mail.example', EMAILS_FROM_EMAIL: ' No-Reply@Example.com ' };

function mistakesOf(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
  } catch (err) {
    if (err instanceof ConfigError) return err.message;
  }
  return 'none';
}

describe('the e-mails of a sign-up', () => {
  test('given no settings, then there is a welcome without a link', () => {
    expect(loadConfig({}).signUpEmails).toEqual({ welcome: true, verification: 'off' });
  });

  test('given EMAIL_VERIFICATION=maybe or WELCOME_EMAIL=no, then the mistake names what they may be', () => {
    const mistakes = mistakesOf({ EMAIL_VERIFICATION: 'maybe', WELCOME_EMAIL: 'no' });
    expect(mistakes).toContain('EMAIL_VERIFICATION: must be off, optional or required');
    expect(mistakes).toContain('WELCOME_EMAIL: must be on or off');
  });
});

describe('a configuration', () => {
  test('given a server and a sender, then the defaults of submission apply', () => {
    expect(loadConfig(SENDING).smtp).toEqual({
      host: 'mail.example',
      port: 587,
      user: undefined,
      password: undefined,
      implicitTls: false,
      startTls: true,
      from: { name: 'Quartet', address: 'no-reply@example.com' },
      times: { connectMs: 30_000, replyMs: 300_000, finalReplyMs: 600_000 },
      connections: 20,
    });
  });

  test.each([
    [
      { SMTP_TLS: 'true', SMTP_SSL: 'true' },
      { implicitTls: true, startTls: false },
    ],
    [
      { SMTP_TLS: 'false', SMTP_SSL: 'true' },
      { implicitTls: true, startTls: false },
    ],
    [{ SMTP_TLS: 'false' }, { implicitTls: false, startTls: false }],
    [{ EMAILS_FROM_NAME: 'The Team' }, { from: { name: 'The Team', address: 'no-reply@example.com' } }],
  ])('given %j, then the settings follow', (env, settings) => {
    expect(loadConfig({ ...SENDING, ...env }).smtp).toMatchObject(settings);
  });

  test.each([
    [{}, 'SMTP_HOST is not set'],
    [{ SMTP_HOST: '', EMAILS_FROM_EMAIL: 'a@example.com' }, 'SMTP_HOST is not set'],
    [{ SMTP_HOST: 'mail.example' }, 'EMAILS_FROM_EMAIL is not set'],
  ])('given %j, then what is missing is named', (env, missing) => {
    expect(loadConfig(env).smtp).toEqual({ missing });
  });

  test.each([
    ['EMAILS_FROM_EMAIL', 'nobody'],
    ['SMTP_PORT', '70000'],
    ['SMTP_TLS', 'perhaps'],
    ['SMTP_CONNECTIONS', '0'],
    ['SMTP_CONNECT_SECONDS', '0'],
    ['SMTP_REPLY_SECONDS', ' '],
    ['SMTP_FINAL_REPLY_SECONDS', '3601'],
    ['FRONTEND_HOST', 'app.example'],
    ['MONGODB_URL', 'http://localhost'],
  ])('given %s=%s, then the mistake is named', (name, value) => {
    expect(mistakesOf({ [name]: value })).toContain(`  ${name}`);
  });

  test('given a default password outside local, then it is refused and not shown', () => {
    const names = ['SMTP_PASSWORD', 'NATS_PASSWORD'];
    const env = {
      ...SENDING,
      SMTP_USER: 'shop',
      ...Object.fromEntries(names.map((name) => [name, 'changethis'])),
    };
    for (const name of names)
      expect(mistakesOf({ ...env, ENVIRONMENT: 'production' })).toContain(`  ${name}`);
    expect(loadConfig(env).defaultSecrets.toSorted()).toEqual(names.toSorted());
  });
});
