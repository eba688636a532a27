import { expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { emailsTo } from '../../../../tests/support/queue.ts';
import { runGateway, runNotifier } from '../../../../tests/support/services.ts';

const PROJECT = 'Größe ☃ 日本 100 % %41';
const PAGE = 'https://app.example';
const UNKNOWN = { detail: 'The user with this username does not exist in the system.' };

const { bed, auth, admin: token } = await authFixture();
const notifier = await runNotifier(bed, auth, { PROJECT_NAME: PROJECT, FRONTEND_HOST: PAGE });
const direct = notifier.client;
const { client: gateway } = await runGateway(bed, {
  AUTH_URL: auth.url,
  NOTIFIER_URL: notifier.url,
  FRONTEND_HOST: PAGE,
});

const show = (by: Client, email: string, as: string | undefined = token) =>
  by('POST', `/password-recovery-html-content/${encodeURIComponent(email)}`, { token: as });

test.each([
  ['directly', () => direct],
  ['through the gateway', () => gateway],
])('given a user, when an admin asks %s, then the e-mail is shown with its subject', async (_how, by) => {
  const { email } = await newMember(auth.client);
  const answer = await show(by(), email.toUpperCase());
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(decodeURIComponent(answer.headers.get('subject') ?? '')).toBe(
    `${PROJECT} - Password recovery for user ${email}`,
  );
  expect(answer.text).toContain(PROJECT);
  const link = /href="https:\/\/app\.example\/reset-password\?token=([\w.-]+)"/.exec(answer.text)?.[1];
  const body = { token: link, new_password: 'set by the shown link' };
  expect((await auth.client('POST', '/reset-password/', { body })).status).toBe(200);
  // Shown, not sent.
  expect((await emailsTo(bed, email)).map(({ kind }) => kind)).not.toContain('password-recovery');
});

test('given a page, when it asks through the gateway, then it may read the subject, and other answers expose no more than before', async () => {
  const { email } = await newMember(auth.client);
  const exposed = async (path: string, origin: string) => {
    const { headers } = await gateway('POST', path, { token, headers: { origin } });
    return headers.get('access-control-expose-headers');
  };
  const always = 'X-Request-Id, Retry-After, ETag';
  expect(await exposed(`/password-recovery-html-content/${email}`, PAGE)).toBe(`${always}, subject`);
  expect(await exposed('/password-recovery-html-content/nobody@example.com', PAGE)).toBe(always);
  expect(await exposed(`/password-recovery-html-content/${email}`, 'https://evil.example')).toBeNull();
});

test.each(['nobody@example.com', 'nonsense', '%', 'a/b@example.com'])(
  'given %s, then the answer is a 404',
  async (email) => {
    const { status, body } = await show(direct, email);
    expect(status).toBe(404);
    expect(body).toEqual(UNKNOWN);
  },
);

test('given no superuser, then the answer is a 401 or 403, whether the user exists or not', async () => {
  const member = await newMember(auth.client);
  for (const email of [member.email, 'nobody@example.com']) {
    expect((await direct('POST', `/password-recovery-html-content/${email}`)).status).toBe(401);
    const refused = await show(direct, email, member.token);
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({ detail: "The user doesn't have enough privileges" });
  }
});

test('given auth is away, then the answer is a 503, and the logs contain no address', async () => {
  const { email } = await newMember(auth.client);
  await auth.stop();
  const answer = await show(direct, email);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(answer.body).toEqual({ detail: 'Service unavailable' });
  const logged = JSON.stringify(bed.logLines());
  expect(logged).toContain('/password-recovery-html-content/{email}');
  expect(logged).not.toMatch(/@example\.com|token=|eyJ/);
});
