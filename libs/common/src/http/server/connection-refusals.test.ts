import { describe, expect, test } from 'vitest';
import { lines } from '../../../../../tests/support/raw-http.ts';
import {
  answersOf,
  asked,
  BAD_REQUEST,
  finish,
  get,
  held,
  open,
  post,
  useServer,
} from '../../../test/connection-kit.ts';

useServer();

describe('given bytes that are no request after a request in progress', () => {
  test.each([
    ['in one write', [`${post('/held', 'body')}and more\r\n\r\n`]],
    ['in two', [post('/held', 'body'), 'and more\r\n\r\n']],
    ['again and again', [post('/held', 'body'), 'and more', '\r\n\r\n', 'and more of it', 'and more']],
    ['behind two requests', [get('/held') + post('/held', 'body'), 'and more\r\n\r\n']],
    ['that begin like a request', [`${post('/held', 'body')}GET / HTTP/7\r\n\r\n`]],
    ['of a header too large', [`${post('/held', 'body')}GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`]],
  ])('when they come %s, then the answer is sent first, then the refusal', async (_how, parts) => {
    const raw = await open();
    for (const part of parts) {
      raw.write(part);
      await expect.poll(() => held.length).toBeGreaterThan(0);
    }
    const answers = await finish(raw, parts[0]?.split('/held').length === 3 ? 2 : 1);
    const refusal = answers.pop();
    expect(new Set(answers)).toEqual(new Set(['200 at last']));
    expect(refusal).toMatch(/^(400|431) \{"detail":/);
    expect(asked).toHaveLength(answers.length);
  });

  test('when the caller half-closes after them, then the answer is sent first, then the refusal', async () => {
    const raw = await open();
    raw.socket.end(`${post('/held', 'body')}and more\r\n\r\n`);
    expect(await finish(raw)).toEqual(['200 at last', BAD_REQUEST]);
  });

  test('when a valid request comes after them, then it is not handled', async () => {
    const raw = await open();
    raw.write(`${post('/held', 'body')}x\r\n\r\n${get('/')}`);
    raw.write(get('/'));
    expect(await finish(raw)).toEqual(['200 at last', BAD_REQUEST]);
    expect(asked).toEqual(['POST /held']);
  });

  test('when the request was declared to be the last, then they are not read', async () => {
    const raw = await open();
    raw.write(`${post('/held', 'body', 'Connection: close')}and more`);
    expect(await finish(raw)).toEqual(['200 at last']);
  });

  test('when it is CONNECT, then the answer is sent first, then the refusal', async () => {
    const raw = await open();
    raw.write(get('/held') + lines('CONNECT a:1 HTTP/1.1', 'Host: a'));
    expect(await finish(raw)).toEqual(['200 at last', '405 {"detail":"Method Not Allowed"}']);
  });

  test('when its Host is invalid, then the answer is sent first, then the refusal, and no later request is handled', async () => {
    const raw = await open();
    raw.write(get('/held') + lines('POST /bad HTTP/1.1', 'Host: a b') + get('/after'));
    expect(await finish(raw)).toEqual(['200 at last', BAD_REQUEST]);
    expect(asked).toEqual(['GET /held']);
  });
});

describe('given a malformed body', () => {
  const broken = (path: string) =>
    `${lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked')}4\r\nbody\r\nzz\r\n`;

  test('when no answer was sent yet, then it is a 400', async () => {
    const raw = await open();
    raw.write(broken('/read'));
    await raw.closed;
    expect(answersOf(raw)).toEqual([BAD_REQUEST]);
  });

  test('when an earlier request is in progress, then its answer is sent first, then the 400', async () => {
    const raw = await open();
    raw.write(get('/held') + broken('/read'));
    expect(await finish(raw)).toEqual(['200 at last', BAD_REQUEST]);
  });

  test('when it was answered without its body, then there is no second answer', async () => {
    const raw = await open();
    raw.write(broken('/now'));
    await raw.closed;
    expect(answersOf(raw)).toEqual(['200 at once']);
  });

  test('when its request is queued, then it is not handled', async () => {
    const raw = await open();
    raw.write(get('/held') + broken('/now'));
    expect(await finish(raw)).toEqual(['200 at last', BAD_REQUEST]);
    expect(asked).toEqual(['GET /held']);
  });

  test('when its answer has begun, then that answer is cut off', async () => {
    const raw = await open();
    const [sound, rest] = broken('/begun').split('zz');
    raw.write(sound ?? '');
    await expect.poll(raw.received).toContain('begun');
    raw.write(`zz${rest}`);
    await raw.closed;
    expect(raw.received()).not.toMatch(/Bad Request|\r\n0\r\n\r\n/);
  });
});

describe('given a caller that never completes its request', () => {
  const TIMEOUT = '408 {"detail":"Request Timeout"}';
  test.each([
    ['says nothing', '', [TIMEOUT]],
    ['stops in its header', 'GET / HTTP/1.1\r\nHos', [TIMEOUT]],
    ['stops in its body', post('/read', 'body').slice(0, -1), [TIMEOUT]],
    ['stops in a header behind a request', `${get('/')}GET / HT`, ['200 at once', TIMEOUT]],
    ['stops in a body that nobody wants', post('/now', 'body').slice(0, -1), ['200 at once']],
  ])('when it %s, then the connection ends in time', async (_where, sent, answers) => {
    const raw = await open();
    raw.write(sent);
    await expect.poll(() => raw.socket.closed, { timeout: 10_000 }).toBe(true);
    expect(answersOf(raw)).toEqual(answers);
  });

  test('when an earlier request is in progress, then its answer is sent first, then the 408', async () => {
    const raw = await open();
    raw.write(`${get('/held')}GET / HT`);
    const dangling = await open();
    // The one that came later has been told: so has the other, had nothing stood before it.
    await dangling.closed;
    expect(raw.received()).toBe('');
    expect(await finish(raw)).toEqual(['200 at last', TIMEOUT]);
  });
});
