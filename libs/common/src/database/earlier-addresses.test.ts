import { expect, test } from 'vitest';
import { characters } from '../../../../tests/support/characters.ts';
import { normalizeEmail, spellingOf } from '../http/input/email-address.ts';
import { createLog } from '../process/logging.ts';
import { MAY_LACK_FORM, ROLLED_OUT_MS, sweepEarlierAddresses } from './earlier-addresses.ts';

const log = createLog('test', 'silent');

test('given it fails, then it is tried again until it is done', async () => {
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

test('given the process ends before it is time, then it ends with it and sweeps nothing', async () => {
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

test('then no spelling that lacks the form is passed over', () => {
  for (const character of characters()) {
    const stored = spellingOf(`x@a${character}b.example`);
    if (normalizeEmail(stored) !== stored && !perhaps.test(stored)) expect.fail(stored);
  }
  expect('x@xn--zrich-kva.example').toMatch(perhaps);
});
