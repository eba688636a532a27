import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { isDuplicateKey } from './database.ts';
import { engineAs, freesChangedKeys, isWriteConflict } from './engine.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

/** Whether a unique key can be used again after an update has changed it. */
async function triedOut(db: Db): Promise<boolean> {
  const tried = db.collection<{ key: string }>('tried');
  await tried.createIndex({ key: 1 }, { unique: true });
  await tried.insertOne({ key: 'first' });
  await tried.updateOne({ key: 'first' }, { $set: { key: 'second' } });
  try {
    await tried.insertOne({ key: 'first' });
    return true;
  } catch (err) {
    if (isDuplicateKey(err)) return false;
    throw err;
  }
}

describe('whether an engine frees a changed unique key', () => {
  test('given the engine of this run, when it is asked for its build info, then the answer predicts its behaviour', async () => {
    expect(await freesChangedKeys(bed.database.db)).toBe(await triedOut(bed.database.db));
  });

  test('given two calls for one client, when both end, then the engine is asked once and nothing is written', async () => {
    const client = await new MongoClient(bed.env.MONGODB_URL ?? '', { monitorCommands: true }).connect();
    bed.stopLater(() => client.close());
    const commands: string[] = [];
    client.on('commandStarted', ({ commandName }) => void commands.push(commandName));
    const db = client.db(bed.database.db.databaseName);
    await Promise.all([freesChangedKeys(db), freesChangedKeys(db)]);
    await freesChangedKeys(client.db('another'));
    expect(commands).toEqual(['buildInfo']);
  });

  test('given an unreachable database, when the engine is asked, then the call fails and the next call asks again', async () => {
    const client = new MongoClient('mongodb://127.0.0.1:1/', { serverSelectionTimeoutMS: 50 });
    const ask = () => freesChangedKeys(client.db('app')).catch((err: unknown) => err);
    const [first, second] = [await ask(), await ask()];
    expect([first, second]).toEqual([expect.any(Error), expect.any(Error)]);
    expect(second).not.toBe(first);
    await client.close();
  });

  test.each([
    ['SecantusDB 0.6.0b17', { version: '8.2.11', secantusVersion: '0.5.3-beta.165', ok: 1 }, 'embedded'],
    ['MongoDB', { version: '8.0.4', gitVersion: 'bc35ab4305d9920d9d0491c1c9ef9b72383d31f9', ok: 1 }, 'other'],
    [
      'FerretDB',
      { version: '7.0.77', ferretdb: { version: 'v2.7.0', package: 'unknown' }, ok: 1 },
      'documentdb',
    ],
    ['Amazon DocumentDB, which leaves fields out', { version: '5.0.0', ok: 1 }, 'other'],
    ['an engine that does not answer', undefined, 'other'],
  ])('given the build info of %s, then the engine is known', (_name, buildInfo, engine) => {
    expect(engineAs(buildInfo)).toBe(engine);
  });
});

describe('whether an error is a conflict', () => {
  test.each([
    { code: 112, message: 'WriteConflict error: this operation conflicted with another operation' },
    { code: 16_908_292, message: 'deadlock detected' },
    { code: 16_777_220, message: 'could not serialize access due to concurrent update' },
    { code: 1, codeName: 'InternalError', message: 'deadlock detected' },
    { code: 251, message: 'no such transaction', errorLabels: ['TransientTransactionError'] },
  ])('given $code $message, then it is a conflict', (answer) => {
    expect(isWriteConflict(new MongoServerError(answer))).toBe(true);
  });

  test.each([
    new MongoServerError({ code: 11_000, message: 'duplicate' }),
    new MongoServerError({ code: 1, message: 'conflicting key value violates exclusion constraint "x"' }),
    new MongoServerError({ code: 50, message: 'operation exceeded time limit' }),
    new Error('deadlock detected'),
    undefined,
  ])('given %s, then it is no conflict', (err) => {
    expect(isWriteConflict(err)).toBe(false);
  });
});
