import { expect, test } from 'vitest';
import { characters } from '../../../../tests/support/characters.ts';
import { normalizeEmail, spellingOf } from '../http/input/email-address.ts';
import { createLog } from '../process/logging.ts';
import { ROLLED_OUT_MS } from './database.ts';
import { MAY_LACK_FORM, sweepEarlierAddresses } from './earlier-addresses.ts';

const log = createLog('test', 'silent');

test('given a sweep that fails, when time passes, then it is tried again until it succeeds', async () => {
  let tries = 0;
  const sweep = async () => {
    tries += 1;
    if (tries < 3) throw new Error('the database is away');
  };
  await sweepEarlierAddresses(sweep, {
    ...{ afterMs: 0, againMs: 1 },
    log,
    signal: new AbortController().signal,
  });
  expect(tries).toBe(3);
});

test('given a process that ends before the sweep is due, when it ends, then nothing is swept', async () => {
  const running = new AbortController();
  const sweeping = sweepEarlierAddresses(() => expect.fail('swept'), {
    afterMs: ROLLED_OUT_MS,
    log,
    signal: running.signal,
  });
  running.abort();
  await sweeping;
});

const perhaps = new RegExp(MAY_LACK_FORM.$regex);

test('given addresses that are not normalized, then the filter matches all of them', () => {
  for (const character of characters()) {
    const stored = spellingOf(`x@a${character}b.example`);
    if (normalizeEmail(stored) !== stored && !perhaps.test(stored)) expect.fail(stored);
  }
  expect('x@xn--zrich-kva.example').toMatch(perhaps);
});
