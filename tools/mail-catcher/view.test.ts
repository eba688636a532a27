import { expect, test } from 'vitest';
import { startCatcher } from '../../tests/support/mail-catcher.ts';

const HOSTILE =
  '<script>alert(1)</script><img src=x onerror=alert(2)><base href="//evil.example" target="_self">';

test('the HTML of a mail is sent unchanged, with a policy that prevents scripts', async () => {
  const { call, send } = await startCatcher();
  await send({ html: HOSTILE });
  const response = await call('/view/latest.html');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.get('content-security-policy')).toBe(
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'",
  );
  expect(await response.text()).toBe(`<base target="_blank">${HOSTILE}\n`);
});

test('links open outside the frame, by a base element in the head', async () => {
  const { call, send } = await startCatcher();
  await send({ html: '<!doctype html><html lang="en"><head><title>x</title></head><body>x</body></html>' });
  expect(await (await call('/view/latest.html')).text()).toContain('<head><base target="_blank"><title>');
});

test('viewing marks the mail read', async () => {
  const { call, list, send } = await startCatcher();
  await send({ text: 'Grüße <b>' });
  const response = await call('/view/latest.txt');
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await response.text()).toBe('Grüße <b>\n');
  expect((await list()).unread).toBe(0);
});

test('latest can be narrowed by a search', async () => {
  const { call, send } = await startCatcher();
  await send({ subject: 'one', text: 'first' });
  await send({ subject: 'two', text: 'second' });
  expect(await (await call('/view/latest.txt?query=subject:one')).text()).toBe('first\n');
  expect((await call('/view/latest.txt?query=subject:three')).status).toBe(404);
});

test('a mail without HTML has no HTML view', async () => {
  const { call, send } = await startCatcher();
  await send({ text: 'plain' });
  const response = await call('/view/latest.html');
  expect([response.status, await response.text()]).toEqual([
    404,
    'This message does not contain a HTML part',
  ]);
});

test('inline images point to their part, which cannot run as a page', async () => {
  const { call, message, send } = await startCatcher();
  await send({
    html: '<img src="cid:logo@x"><img src="cid:other">',
    attachments: [
      { filename: 'logo.png', cid: 'logo@x', content: Buffer.from([1, 2, 3]) },
      { filename: 'page.html', content: '<script>alert(1)</script>' },
    ],
  });
  const { ID, Inline, Attachments } = await message();
  expect(Inline).toMatchObject([{ FileName: 'logo.png', ContentID: 'logo@x', Size: 3 }]);
  const html = await (await call(`/view/${ID}.html`)).text();
  expect(html).toContain(`<img src="/api/v1/message/${ID}/part/${Inline[0]?.PartID}"><img src="cid:other">`);

  const image = await call(`/api/v1/message/${ID}/part/${Inline[0]?.PartID}`);
  expect(image.headers.get('content-type')).toBe('image/png');
  expect(new Uint8Array(await image.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));

  const active = await call(`/api/v1/message/${ID}/part/${Attachments[0]?.PartID}`);
  expect(active.headers.get('content-type')).toBe('application/octet-stream');
  expect(active.headers.get('content-disposition')).toBe('attachment; filename="page.html"');
  expect(active.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
});
