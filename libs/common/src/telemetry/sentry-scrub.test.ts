import { expect, test } from 'vitest';
import { cpuMs } from '../../../../tests/support/cpu-time.ts';
import { scrub } from './sentry.ts';

test.each([
  ['dup key: { email: "ada@example.com" }', 'dup key: { email: "[address]" }'],
  ['<a.b+c@d-e.co.uk>, ünï@exämple.de', '<[address]>, [address]'],
  ['mongodb://quartet:pass@word@db:27017/app', 'mongodb://[login]@db:27017/app'],
  ['nats://user:secret@broker:4222', 'nats://[login]@broker:4222'],
  ['connect ECONNREFUSED 10.0.0.7:4222', 'connect ECONNREFUSED [ip]:4222'],
  ['connect ECONNREFUSED ::1', 'connect ECONNREFUSED [ip]'],
  ['from 2001:db8:0:1::7 today', 'from [ip] today'],
  ['authorization: Bearer abc.def-ghi', 'authorization: [secret]'],
  ['sent eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.sig-1', 'sent [token]'],
  ['token=abc123&x=1', 'token=[secret]&x=1'],
  ['{"password":"a b\\"c","id":7}', '{"password":[secret],"id":7}'],
  ['/reset-password?token=xyz', '/reset-password?token=[secret]'],
])('given %j, then the result is %j', (text, cleaned) => {
  expect(scrub(text)).toBe(cleaned);
});

test.each([
  "Cannot read properties of undefined (reading 'id')",
  'user 65f1c0ffee15600d5eed0001 changed 50 times under an update',
  'at 12:30:45 version 1.2.3',
  'node:internal/process/task_queues:105:5',
  '@quartet/common is not found',
])('given %j, then it is unchanged', (text) => {
  expect(scrub(text)).toBe(text);
});

test('given a long text, then scrubbing ends within the time limit', () => {
  const took = cpuMs(() => {
    for (const part of ['a', 'a@', '1.', 'a:', 'password=', '://', 'eyJ.']) scrub(part.repeat(20_000));
  });
  expect(took).toBeLessThan(2_000);
});
