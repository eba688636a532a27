import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { FOREIGN_HOSTS, MALFORMED_HOSTS, OWN_HOSTS, statusAsHost } from '../../tests/support/ask-as-host.ts';
import { startCatcher } from '../../tests/support/mail-catcher.ts';

const PATHS = ['/', '/api/v1/messages', '/api/v1/message/latest', '/view/latest.txt'];

test('given a page whose name resolves to this machine, then it can read nothing', async () => {
  const { catcher, send } = await startCatcher({ hosts: ['mail.example'] });
  await send({ subject: 'Password recovery', text: 'a link' });
  const url = `http://127.0.0.1:${catcher.httpPort}`;
  for (const path of PATHS) {
    for (const host of [...FOREIGN_HOSTS, ...MALFORMED_HOSTS])
      expect(await statusAsHost(url, host, path), `${host} ${path}`).toBe(403);
    for (const host of [...OWN_HOSTS, hostname(), 'mail.example:8025', undefined]) {
      expect(await statusAsHost(url, host, path), `${host} ${path}`).toBe(200);
    }
  }
});

test('given a changing call without the header that no foreign page may send, then 403 and nothing changes', async () => {
  const { catcher, send, list } = await startCatcher();
  await send({ subject: 'one' });
  const url = `http://127.0.0.1:${catcher.httpPort}`;
  const read = JSON.stringify({ Read: true });
  for (const [method, path, body] of [
    ['DELETE', '/api/v1/messages', undefined],
    ['DELETE', '/api/v1/search?query=one', undefined],
    ['PUT', '/api/v1/messages', read],
  ] as const) {
    const init = { method, ...(body === undefined ? {} : { body }) };
    const refused = await fetch(url + path, init);
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('X-Requested-With'),
    ]);
    expect(await fetch(url + path, { ...init, headers: { 'X-Requested-With': '' } })).toMatchObject({
      status: 403,
    });
  }
  expect(await list()).toMatchObject({ total: 1, unread: 1 });
  const headers = { 'X-Requested-With': 'curl' };
  expect((await fetch(`${url}/api/v1/messages`, { method: 'PUT', body: read, headers })).status).toBe(200);
  expect(await list()).toMatchObject({ total: 1, unread: 0 });
});

test('given a preflight request for that header from a foreign page, then it is not allowed', async () => {
  const { call } = await startCatcher();
  const answer = await call('/api/v1/messages', {
    method: 'OPTIONS',
    headers: {
      Origin: 'http://evil.example',
      'Access-Control-Request-Method': 'DELETE',
      'Access-Control-Request-Headers': 'x-requested-with',
    },
  });
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
});
