import { expect, test } from 'vitest';
import { startCatcher } from '../../tests/support/mail-catcher.ts';

const text = async (response: Response): Promise<[number, string]> => [
  response.status,
  await response.text(),
];

test('what does not exist is 404 with the text of Mailpit', async () => {
  const { call, send } = await startCatcher();
  expect(await text(await call('/api/v1/message/latest'))).toEqual([404, 'Message not found']);
  await send({ subject: 'one' });
  for (const path of ['', '/raw', '/headers', '/part/1']) {
    expect(await text(await call(`/api/v1/message/unknown${path}`))).toEqual([404, '404 page not found']);
  }
  expect(await text(await call('/api/v1/message/latest/part/9'))).toEqual([404, '404 page not found']);
  expect(await text(await call('/view/unknown.html'))).toEqual([404, 'Message not found']);
  expect(await text(await call('/api/v1/nothing'))).toEqual([404, '404 page not found']);
});

test('malformed requests are 4xx and change nothing', async () => {
  const { call, list, send } = await startCatcher();
  await send({ subject: 'one' });
  const bodies = ['{', '[]', '"x"', '{"IDs":"all"}', '{"IDs":[1]}'];
  for (const body of bodies) {
    expect((await call('/api/v1/messages', { method: 'DELETE', body })).status).toBe(400);
    expect((await call('/api/v1/messages', { method: 'PUT', body })).status).toBe(400);
  }
  const large = await call('/api/v1/messages', { method: 'PUT', body: 'x'.repeat(2_000_000) });
  expect(large.status).toBe(413);
  expect(await text(await call('/api/v1/search'))).toEqual([400, 'Error: no search query']);
  expect((await call('/api/v1/search?query=a&query=b')).status).toBe(400);
  expect((await call('/api/v1/message/%E0%A4%A')).status).toBe(400);
  expect((await call('/../../config.ts')).status).toBe(404);
  expect(await list()).toMatchObject({ total: 1, unread: 1 });
});

test('the probes and the page answer', async () => {
  const { call } = await startCatcher();
  expect((await call('/livez')).status).toBe(200);
  expect((await call('/readyz')).status).toBe(200);
  const page = await call('/');
  expect(page.headers.get('content-type')).toMatch('text/html');
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const html = await page.text();
  expect(html).not.toMatch(/<script(?![^>]*src=)|\son\w+=|<style|\sstyle=/);
  for (const [, file] of html.matchAll(/(?:src|href)="([^"#]+)"/g)) {
    expect((await call(`/${file}`)).status, file).toBe(200);
  }
});
