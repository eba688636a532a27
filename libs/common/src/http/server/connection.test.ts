import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { lines } from '../../../../../tests/support/raw-http.ts';
import {
  asked,
  BAD_REQUEST,
  finish,
  get,
  held,
  left,
  open,
  post,
  server,
  useServer,
} from '../../../test/connection-kit.ts';

useServer();

describe('given a caller that sends its requests and half-closes', () => {
  test.each(['GET', 'POST'])('when a %s is in progress, then the caller gets its answer', async (method) => {
    const raw = await open();
    raw.socket.end(method === 'GET' ? get('/held') : post('/held', 'body'));
    expect(await finish(raw)).toEqual(['200 at last']);
  });

  test('when it half-closes later, then it still gets its answer', async () => {
    const raw = await open();
    raw.write(post('/held', 'body'));
    await expect.poll(() => held.length).toBe(1);
    raw.socket.end();
    await once(raw.socket, 'finish');
    expect(await finish(raw)).toEqual(['200 at last']);
  });

  test('when there are several requests, then it gets all answers', async () => {
    const raw = await open();
    raw.socket.end(get('/held') + post('/read', 'body') + get('/held'));
    expect(await finish(raw, 2)).toEqual(['200 at last', '200 read body', '200 at last']);
  });

  test('when it uses HTTP/1.0, then it gets its answer', async () => {
    const raw = await open();
    raw.socket.end(lines('GET /held HTTP/1.0'));
    expect(await finish(raw)).toEqual(['200 at last']);
  });

  test('when its answer takes long, then it gets a 102 and then the answer', async () => {
    const raw = await open();
    raw.socket.end(post('/held', 'body'));
    await expect.poll(raw.received, { timeout: 10_000 }).toBe('HTTP/1.1 102 Processing\r\n\r\n');
    expect(await finish(raw)).toEqual(['102 ', '200 at last']);
    expect(raw.received()).toContain('Connection: close');
  });

  test('when it has closed the connection, then the server notices', async () => {
    const raw = await open();
    raw.write(post('/left', 'body'));
    await expect.poll(() => left.length).toBe(1);
    raw.socket.destroy();
    await expect.poll(() => left, { timeout: 10_000 }).toEqual(['has gone']);
  });

  test('when a request is incomplete, then it is a 400, after the answers to the earlier requests', async () => {
    const raw = await open();
    raw.socket.end(`${get('/held')}GET /no`);
    expect(await finish(raw)).toEqual(['200 at last', BAD_REQUEST]);
    expect(asked).toEqual(['GET /held']);
  });

  test('when it sent no request, then the connection ends', async () => {
    const raw = await open();
    raw.socket.end();
    await raw.closed;
    expect(raw.received()).toBe('');
  });
});

test('given several requests in progress on one connection, when the server drains, then all are answered', async () => {
  const raw = await open();
  raw.write(get('/held') + post('/held', 'body'));
  await expect.poll(() => held.length).toBe(1);
  const drained = server.drain();
  expect(await finish(raw, 2)).toEqual(['200 at last', '200 at last']);
  expect(raw.received().match(/Connection: close/g)).toHaveLength(1);
  await drained;
});
