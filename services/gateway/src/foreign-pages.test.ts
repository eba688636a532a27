import { expect, test } from 'vitest';
import { logInAdmin } from '../../../tests/support/accounts.ts';
import type { Client } from '../../../tests/support/client.ts';
import { gatewayFixture } from '../../../tests/support/fixtures.ts';

/** A page needs no leave to send a body without a content type; whatever it brings about must not happen. */

const PAGE = 'https://app.example';
const OTHERS = ['https://evil.example', `${PAGE}.evil.example`, 'http://app.example', 'null'];

const all = await gatewayFixture((_req, res) => void res.end('ok'), { FRONTEND_HOST: PAGE });
const admin = await logInAdmin(all.gateway.client);

let count = 0;
async function signUp(client: Client, headers: Record<string, string>) {
  count += 1;
  const email = `page-${count}@example.com`;
  const raw = new TextEncoder().encode(JSON.stringify({ email, password: 'a long one' }));
  const { status, body } = await client('POST', '/users/signup', { raw, headers });
  const users = await all.auth.client('GET', '/users/?limit=1000', { token: admin });
  return { status, body, isThere: users.text.includes(email) };
}

test.each(OTHERS)(
  'given a page at %s that names no content type, then 422, and no user is created',
  async (origin) => {
    for (const client of [all.gateway.client, all.auth.client]) {
      expect(await signUp(client, { origin })).toMatchObject({
        status: 422,
        body: { detail: [{ type: 'model_attributes_type', loc: ['body'], input: '[redacted]' }] },
        isThere: false,
      });
    }
  },
);

test.each([
  ['a page that may call us', { origin: PAGE }],
  ['no page', {}],
  ['a page that was asked about', { origin: OTHERS[0] ?? '', 'content-type': 'application/json' }],
])('given %s, then a body without a content type is taken as JSON', async (_name, headers) => {
  expect(await signUp(all.gateway.client, headers)).toMatchObject({ status: 200, isThere: true });
});
