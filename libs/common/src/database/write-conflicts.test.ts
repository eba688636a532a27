import { type MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { insertOnce, isDuplicateKey } from './database.ts';
import { retryAfterConflicts } from './write-conflicts.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

/** As DocumentDB answers an update in a deadlock: PostgreSQL's 40P01, six bits a character. */
const deadlock = () => new MongoServerError({ code: 16_908_292, message: 'deadlock detected' });

describe('a write that conflicts', () => {
  test('given two conflicts, when a write is tried, then the third try succeeds', async () => {
    let tries = 0;
    const write = async () => {
      tries += 1;
      if (tries < 3) throw deadlock();
      return 'written';
    };
    expect(await retryAfterConflicts(write)).toBe('written');
    expect(tries).toBe(3);
  });

  test('given another failure, when a write is tried, then the error is thrown at once', async () => {
    let tries = 0;
    const write = async () => {
      tries += 1;
      throw new MongoServerError({ code: 13, message: 'not authorized' });
    };
    await expect(retryAfterConflicts(write)).rejects.toThrow('not authorized');
    expect(tries).toBe(1);
  });

  test('given endless conflicts, when the longest time is over, then the last conflict is thrown', async () => {
    let tries = 0;
    const write = async () => {
      tries += 1;
      throw deadlock();
    };
    await expect(retryAfterConflicts(write, 100)).rejects.toThrow('deadlock detected');
    expect(tries).toBeGreaterThan(1);
  });

  test('given a first try that took longer than the limit, when it conflicts, then there is a second try', async () => {
    let tries = 0;
    const write = async () => {
      tries += 1;
      if (tries === 1) throw deadlock();
    };
    await retryAfterConflicts(write, 0);
    expect(tries).toBe(2);
  });
});

test('given parallel inserts of one unique key, when all end, then one is stored and the others are duplicates', async () => {
  const things = bed.database.db.collection('unique');
  await things.createIndex({ key: 1 }, { unique: true });
  // Few at a time: DocumentDB makes a deadlock of them, and ends one of them a second.
  for (let key = 0; key < 20; key += 1) {
    const inserts = Array.from({ length: 3 }, () => things.insertOne({ key }));
    const settled = await Promise.allSettled(inserts);
    const failed = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(failed).toHaveLength(2);
    expect(failed.filter((reason) => !isDuplicateKey(reason))).toEqual([]);
  }
});

test('given parallel inserts of one document, when all end, then one stores it and the others report that it exists', async () => {
  const things = bed.database.db.collection<{ _id: string }>('once');
  for (let round = 0; round < 5; round += 1) {
    const inserts = Array.from({ length: 12 }, () => insertOnce(things, { _id: `${round}` }));
    expect((await Promise.all(inserts)).filter((isNew) => isNew)).toHaveLength(1);
  }
});

test('given a conflict in a transaction, when it happens, then the caller of the transaction gets the error', async ({
  skip,
}) => {
  const { db } = bed.database;
  const things = db.collection<{ _id: number; by?: string }>('transacted');
  await things.insertOne({ _id: 1 });
  const client: MongoClient = db.client;
  const [first, second] = [client.startSession(), client.startSession()];
  try {
    first.startTransaction();
    second.startTransaction();
    await things.updateOne({ _id: 1 }, { $set: { by: 'first' } }, { session: first });
    const conflict = things.updateOne({ _id: 1 }, { $set: { by: 'second' } }, { session: second });
    // FerretDB takes no notice of transactions.
    const error = await conflict.then(
      () => skip(),
      (err: unknown) => err,
    );
    expect(error).toMatchObject({ code: 112, errorLabels: ['TransientTransactionError'] });
  } finally {
    await Promise.allSettled([first.endSession(), second.endSession()]);
  }
});
