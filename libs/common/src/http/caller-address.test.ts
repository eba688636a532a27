import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import proxyAddr from 'proxy-addr';
import { describe, expect, test } from 'vitest';
import { recordingLog } from '../../test/event-kit.ts';
import { createAddressOf, networkOf, siteOf, trustsNobody } from './caller-address.ts';

function requestFrom(peer: string | undefined, forwardedFor?: string): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  Object.defineProperty(req.socket, 'remoteAddress', { value: peer });
  if (forwardedFor !== undefined) req.headers['x-forwarded-for'] = forwardedFor;
  return req;
}

const { log } = recordingLog();
const addressOf = createAddressOf(proxyAddr.compile(['10.0.0.0/8', 'fd00::1']));
const of = (peer: string | undefined, forwardedFor?: string) =>
  addressOf(requestFrom(peer, forwardedFor), log);

describe('a caller’s address', () => {
  test.each([
    ['the connection’s', '203.0.113.9', undefined, '203.0.113.9'],
    ['a stranger’s own, whatever it claims', '203.0.113.9', '198.51.100.7', '203.0.113.9'],
    ['what a trusted proxy says', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    [
      'that of the first stranger from the right',
      '10.0.0.1',
      '1.1.1.1, 198.51.100.7, 10.0.0.2',
      '198.51.100.7',
    ],
    ['the last of the chain when all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['the proxy’s own when the chain is empty', '10.0.0.1', '', '10.0.0.1'],
    ['the proxy’s that wrote what is no address', '10.0.0.1', '1.1.1.1, unknown, 10.0.0.2', '10.0.0.2'],
    ['an IPv4 address in IPv6', '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['one in hexadecimal', '::ffff:cb00:7109', undefined, '203.0.113.9'],
    ['of a proxy in IPv6 form', '::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['of an IPv6 proxy', 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['without its port', '10.0.0.1', '198.51.100.7:51234', '198.51.100.7'],
    ['without brackets', '10.0.0.1', '[2001:db8::7]:443', '2001:db8::7'],
    ['without a zone', 'fe80::1%eth0', undefined, 'fe80::1'],
    ['nobody’s when the connection is gone', undefined, '1.1.1.1', 'unknown'],
  ])('is %s', (_what, peer, forwardedFor, address) => {
    expect(of(peer, forwardedFor)).toBe(address);
  });

  test.each(['%', '[', '[]', '::g', 'a'.repeat(10_000), ',,,', '256.1.1.1', '1::2::3', '\u0000'])(
    'given an invalid entry such as %.20j, then the address is the proxy’s',
    (junk) => {
      expect(of('10.0.0.1', junk)).toBe('10.0.0.1');
    },
  );

  test('given a proxy that is not trusted, then the log reports it once', () => {
    const { log: own, lines } = recordingLog();
    const find = createAddressOf(trustsNobody);
    for (let n = 0; n < 3; n += 1) find(requestFrom('192.0.2.1', `198.51.100.${n}`), own);
    find(requestFrom('192.0.2.2'), own);
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ peer: '192.0.2.1', msg: expect.stringContaining('TRUSTED_PROXIES') });
  });
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::1.2.3.4', '2001:db8:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:0DB8:0001:ff02::', '2001:db8:1::/48'],
  ['::1', '0:0:0::/48'],
  ['unknown', 'unknown'],
])('%s shares the queue of %s', (address, site) => {
  expect(siteOf(address)).toBe(site);
});
