import { expect, test } from 'vitest';
import { loopbackOf } from './loopback.ts';

test('given a stack on loopback, then it may be attacked', () => {
  expect(loopbackOf('http://127.0.0.1:8000/api/v1')).toEqual({ host: '127.0.0.1', port: 8000 });
});

test.each([
  'http://192.0.2.1:8000',
  'http://localhost:8000',
  'http://127.0.0.1.example.com',
  'http://[::1]:80',
])('given %s, then it is not attacked', (url) => {
  expect(() => loopbackOf(url)).toThrow('is not attacked: only 127.0.0.0/8 is');
});
