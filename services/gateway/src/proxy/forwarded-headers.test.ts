import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { fixHeaders } from '@quartet/common/http/fixed-headers.ts';
import { describe, expect, test } from 'vitest';
import { headersForCaller, headersForUpstream, replacing } from './forwarded-headers.ts';

/** A request as the gateway gets it from a peer. */
function given(headers: Record<string, string>, peer = '192.0.2.1'): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const req = new IncomingMessage(socket);
  req.headers = headers;
  return req;
}

const pairs = (list: string[]) =>
  Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]]] : [])));

const trustsNobody = () => false;
const trustsAll = () => true;

describe('the headers for a service', () => {
  test.each([
    'connection',
    'keep-alive',
    'proxy-authorization',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'expect',
    'forwarded',
    'x-real-ip',
    'x-forwarded-port',
    'x-forwarded-user',
  ])('given %s, then it is left out', (name) => {
    expect(pairs(headersForUpstream(given({ [name]: 'x' }), 'id', trustsAll))).not.toHaveProperty(name);
  });

  test('given a header that Connection lists, then it is left out too', () => {
    const req = given({ connection: 'close, X-Mine', 'x-mine': 'x', 'x-other': 'y' });
    const headers = pairs(headersForUpstream(req, 'id', trustsNobody));
    expect(headers).not.toHaveProperty('x-mine');
    expect(headers).toMatchObject({ 'x-other': 'y' });
  });

  test('given the caller’s own request id, then the gateway’s replaces it', () => {
    expect(pairs(headersForUpstream(given({ 'x-request-id': 'theirs' }), 'ours', trustsAll))).toMatchObject({
      'x-request-id': 'ours',
    });
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
  ])('given a peer at %s, then it is forwarded as %s', (peer, forwarded) => {
    expect(pairs(headersForUpstream(given({ host: 'api.example' }, peer), 'id', trustsNobody))).toMatchObject(
      {
        'x-forwarded-for': forwarded,
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'api.example',
      },
    );
  });

  const claims = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'www.example',
    host: 'api.example',
  };

  test('given claims of a peer that is not trusted, then they are not passed on', () => {
    expect(pairs(headersForUpstream(given(claims), 'id', trustsNobody))).toMatchObject({
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'api.example',
    });
  });

  test('given claims of a trusted proxy, then they are passed on, and the proxy is added to the chain', () => {
    expect(pairs(headersForUpstream(given(claims), 'id', trustsAll))).toMatchObject({
      'x-forwarded-for': '203.0.113.9, 192.0.2.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'www.example',
    });
  });
});

test('given a trace of the gateway’s own, then it replaces the caller’s', () => {
  const headers = ['traceparent', 'theirs', 'accept', 'traceparent'];
  expect(replacing(headers, ['traceparent', 'ours'])).toEqual([
    'accept',
    'traceparent',
    'traceparent',
    'ours',
  ]);
  expect(replacing(headers, [])).toEqual(headers);
});

describe('the headers for the caller', () => {
  const fixed = fixHeaders([
    ['vary', 'Origin'],
    ['cache-control', 'no-store'],
  ]);

  test('given the service’s request id and connection headers, then they are left out, and the rest stays', () => {
    const headers = { 'x-request-id': 'x', connection: 'close', 'keep-alive': 'timeout=5', etag: '"1"' };
    expect(headersForCaller(headers, { fixed })).toEqual([...fixed.list, 'etag', '"1"']);
  });

  test('given several cookies, then each stays a header of its own', () => {
    const list = headersForCaller({ 'set-cookie': ['a=1', 'b=2'] }, { fixed });
    expect(list.slice(fixed.list.length)).toEqual(['set-cookie', 'a=1', 'set-cookie', 'b=2']);
  });

  test('given a header that the gateway has too, then the service’s replaces it, and Vary has both', () => {
    const list = headersForCaller({ vary: 'Accept', 'cache-control': 'no-cache' }, { fixed });
    expect(list).toEqual(['vary', 'Origin, Accept', 'cache-control', 'no-cache']);
  });

  test('given exposed names of both, then they add up', () => {
    const list = headersForCaller({ 'access-control-expose-headers': 'subject' }, { fixed, exposed: 'a, b' });
    expect(list.slice(fixed.list.length)).toEqual(['access-control-expose-headers', 'a, b, subject']);
    expect(headersForCaller({ 'access-control-expose-headers': 'subject' }, { fixed })).toEqual(fixed.list);
  });
});
