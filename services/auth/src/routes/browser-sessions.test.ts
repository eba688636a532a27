import { describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, PASSWORD } from '../../../../tests/support/accounts.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import {
  claimsOf,
  cookieOf,
  invalidRefreshToken,
  logInBrowser,
  refreshByCookie,
  setCookie,
} from '../../../../tests/support/sessions.ts';
import { FRONTEND, sessionsFixture } from '../../test/sessions-kit.ts';

const { bed, auth, replica, gateway, newUser, expectOpen } = await sessionsFixture();

describe('a login from a browser', () => {
  test('given a password, then a short token is in the answer, and the refresh token in a cookie that no script reads', async () => {
    const { email } = await newUser();
    const { answer } = await logInBrowser(gateway.client, email);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 900,
    });
    expect(setCookie(answer)).toMatch(
      /^quartet_refresh=[\w-]{84}; Max-Age=2592000; Path=\/api\/v1\/sessions; HttpOnly; SameSite=Strict$/,
    );
  });

  test.each([
    ['http', 'localhost:8000', false],
    ['http', '127.0.0.1:8000', false],
    ['http', '[::1]:8000', false],
    ['http', 'quartet.localhost', false],
    ['https', 'localhost:8000', true],
    ['https', 'api.example', true],
    ['http', 'api.example', true],
    ['http', '192.168.1.5:8000', true],
    ['http', 'localhost.evil.example', true],
    ['https, http', 'localhost', true],
  ])(
    'given %s://%s as a trusted proxy says, then the cookie is Secure: %s',
    async (proto, host, isSecure) => {
      const { email } = await newUser();
      const headers = { 'x-forwarded-proto': proto, 'x-forwarded-host': host };
      const { answer } = await logInBrowser(gateway.client, email, headers);
      expect(setCookie(answer).endsWith('; Secure')).toBe(isSecure);
    },
  );

  test('given an untrusted caller that claims plain http at this machine, then the cookie is Secure', async () => {
    const untrusting = await runAuth(bed);
    const { email } = await newUser();
    const headers = { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'localhost' };
    const { answer } = await logInBrowser(untrusting.client, email, headers);
    expect(setCookie(answer)).toMatch(/; Secure$/);
    expect(setCookie((await logInBrowser(untrusting.client, email)).answer)).not.toMatch(/Secure/);
  });

  test('given wrong credentials, an inactive user, or no JSON, then it is refused as at the login, without a cookie', async () => {
    const { id, email } = await newUser();
    const send = (body: unknown) => gateway.client('POST', '/sessions/', { body });
    const wrong = await send({ username: email, password: 'password2' });
    expect(wrong).toMatchObject({ status: 400, body: { detail: 'Incorrect email or password' } });
    await adminUpdates(auth.client, await logInAdmin(auth.client), id, { is_active: false });
    const inactive = await send({ username: email, password: PASSWORD });
    expect(inactive).toMatchObject({ status: 400, body: { detail: 'Inactive user' } });
    expect((await send({ username: email })).status).toBe(422);
    const form = await gateway.client('POST', '/sessions/', {
      form: { username: email, password: PASSWORD },
    });
    expect(form.status).toBe(422);
    for (const answer of [wrong, inactive, form]) expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe('a refresh from a browser', () => {
  test('given the cookie, then there are a new token and a new cookie', async () => {
    const { email } = await newUser();
    const { cookie, token } = await logInBrowser(gateway.client, email);
    const answer = await refreshByCookie(gateway.client, cookie);
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 900 } });
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect(cookieOf(answer)).not.toBe(cookie);
    const { access_token } = answer.body as { access_token: string };
    expect(claimsOf(access_token).sid).toBe(claimsOf(token).sid);
    await expectOpen(access_token);
    expect((await refreshByCookie(replica.client, cookieOf(answer))).status).toBe(200);
  });

  test('given two tabs with one cookie at once, then both go on, whichever cookie arrives last', async () => {
    const { email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    const answers = await Promise.all(
      [gateway, replica].map(({ client }) => refreshByCookie(client, cookie)),
    );
    expect(new Set(answers.map(cookieOf)).size).toBe(1);
  });

  test('given no cookie, then the answer is 401', async () => {
    for (const cookie of ['', 'other=1', 'quartet_refresh=', 'xquartet_refresh=1']) {
      expect(await refreshByCookie(gateway.client, cookie)).toMatchObject({
        status: 401,
        body: { detail: 'Not authenticated' },
      });
    }
  });

  test('given a bad cookie, or two that differ, then it is invalid and cleared; the same one twice is one', async () => {
    const { email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    const other = await logInBrowser(gateway.client, (await newUser()).email);
    for (const bad of [
      'quartet_refresh=x',
      `${cookie}x`,
      `${cookie}; ${other.cookie}`,
      `x=1; ${cookie}; quartet_refresh=`,
    ]) {
      const answer = await refreshByCookie(gateway.client, bad);
      expect(answer).toMatchObject(invalidRefreshToken);
      expect(setCookie(answer)).toBe(
        'quartet_refresh=; Max-Age=0; Path=/api/v1/sessions; HttpOnly; SameSite=Strict',
      );
    }
    expect((await refreshByCookie(gateway.client, `${cookie}; a=1; ${cookie}`)).status).toBe(200);
  });

  test('given an inactive user, then the cookie stays, since it works again later', async () => {
    const { id, email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    await adminUpdates(auth.client, await logInAdmin(auth.client), id, { is_active: false });
    const answer = await refreshByCookie(gateway.client, cookie);
    expect(answer).toMatchObject({ status: 400, body: { detail: 'Inactive user' } });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('given an origin, then only those that CORS allows and the API’s own may refresh', async () => {
    const { email } = await newUser();
    let { cookie } = await logInBrowser(gateway.client, email);
    const refused = ['null', 'https://evil.example', 'https://sub.app.example', 'http://app.example', ''];
    refused.push(`${FRONTEND}.evil.example`, 'https://api.example:8443', new URL(auth.url).origin);
    for (const origin of refused) {
      const answer = await refreshByCookie(gateway.client, cookie, { origin });
      expect(answer, origin).toMatchObject({ status: 403, body: { detail: 'Origin not allowed' } });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example' };
    const allowed: Record<string, string>[] = [
      {},
      { origin: FRONTEND },
      { origin: 'http://localhost:5173' },
      { origin: new URL(gateway.url).origin },
      { origin: 'https://api.example', ...forwarded },
    ];
    for (const headers of allowed) {
      const answer = await refreshByCookie(gateway.client, cookie, headers);
      expect([answer.status, headers]).toEqual([200, headers]);
      cookie = cookieOf(answer);
    }
  });

  test('given a logout, then the answer clears the cookie', async () => {
    const { email } = await newUser();
    const { cookie, token } = await logInBrowser(gateway.client, email);
    const answer = await gateway.client('POST', '/logout', { token });
    expect(setCookie(answer)).toMatch(/^quartet_refresh=; Max-Age=0; Path=\/api\/v1\/sessions; /);
    expect(await refreshByCookie(replica.client, cookie)).toMatchObject(invalidRefreshToken);
  });

  test('given the cookie in place of a token, then no route takes it', async () => {
    const { email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    for (const path of ['/sessions/', '/users/me']) {
      expect((await gateway.client('GET', path, { headers: { cookie } })).status).toBe(401);
    }
  });
});
