import { connect, type LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { reasonOf } from './errors.ts';

const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');

test.each([
  ['a text', 'a text'],
  [new TypeError('of a kind'), 'TypeError: of a kind'],
  [new AggregateError([refused, new Error('not found')]), `${refused}; Error: not found`],
  [new AggregateError([refused, refused], 'All promises were rejected'), String(refused)],
  [new Error('fetch failed', { cause: refused }), `Error: fetch failed: ${refused}`],
  [
    new AggregateError([new Error('fetch failed', { cause: new AggregateError([refused]) })]),
    `Error: fetch failed: ${refused}`,
  ],
  [new AggregateError([], 'nobody was asked'), 'AggregateError: nobody was asked'],
  [new Error('outer', { cause: 'a text' }), 'Error: outer: a text'],
])('given %o, then it says what failed', (err, reason) => {
  expect(reasonOf(err)).toBe(reason);
});

test('given an error that is its own cause, then it ends', () => {
  const err = new Error('round');
  err.cause = err;
  expect(reasonOf(err)).toMatch(/^Error: round/);
});

test('given a host with two addresses where nobody listens, then both are named', async () => {
  const err = await new Promise((resolve) => {
    const lookup: LookupFunction = (_host, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    connect({ host: 'two.example', port: 1, autoSelectFamily: true, lookup }).on('error', resolve);
  });
  expect(err).toBeInstanceOf(AggregateError);
  expect(reasonOf(err)).toMatch(/ECONNREFUSED 127\.0\.0\.1:1; Error: connect ECONNREFUSED 127\.0\.0\.2:1/);
});
