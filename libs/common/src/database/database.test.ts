import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { pipeline } from 'node:stream';
import { MongoBulkWriteError, MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { freePort } from '../../../../tests/support/own-broker.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { createLog } from '../process/logging.ts';
import { connectDatabase, findPage, isDatabaseAway, isDuplicateKey } from './database.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

/** Passes connections on to the database; its event `cut` ends them. */
function relayToEngine(): Server {
  const engine = new URL(inject('databaseUrl'));
  const relay = createServer((socket) => {
    const behind = connect(Number(engine.port), engine.hostname);
    pipeline(socket, behind, socket, () => undefined);
    relay.once('cut', () => socket.destroy());
  });
  return relay;
}

describe('what an error of the database means', () => {
  test('given a second document of one key, when it is inserted, then the error is a duplicate and no outage', async () => {
    const things = bed.database.db.collection('things');
    await things.createIndex({ key: 1 }, { unique: true });
    await things.insertOne({ key: 1 });
    const error = await things.insertOne({ key: 1 }).catch((err: unknown) => err);
    expect(isDuplicateKey(error)).toBe(true);
    expect(isDatabaseAway(error)).toBe(false);
  });

  test('given an address without a server, when a command is sent, then the database is away', async () => {
    const controller = new AbortController();
    const lines: string[] = [];
    const log = createLog('test', 'info', { write: (line) => void lines.push(line) });
    const url = `mongodb://user:hunter22@127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=50`;
    const connecting = connectDatabase({ url, name: 'x' }, 'test', log, controller.signal);
    await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('waiting for the database');
    controller.abort();
    await expect(connecting).rejects.toThrow(/abort/i);
    expect(lines.join('')).not.toContain('hunter22');
  });

  test('given no server for longer than one attempt takes, when it starts, then the connection succeeds', async () => {
    const lines: string[] = [];
    const log = createLog('test', 'info', { write: (line) => void lines.push(line) });
    const port = await freePort();
    const url = `mongodb://127.0.0.1:${port}`;
    const connecting = connectDatabase({ url, name: 'late' }, 'test', log, new AbortController().signal);
    await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('waiting for the database');
    const late = relayToEngine();
    late.listen(port, '127.0.0.1');
    try {
      const database = await connecting;
      await database.ping();
      await database.close();
    } finally {
      late.close();
    }
  });

  test.each([10_107, 11_600, 91, 189])(
    'given the code %i of a server that steps down, then the database is away',
    (code) => {
      expect(isDatabaseAway(new MongoServerError({ code, message: 'not primary' }))).toBe(true);
    },
  );

  test('given a write conflict that lasted too long, then the database counts as away', () => {
    expect(isDatabaseAway(new MongoServerError({ code: 112, message: 'WriteConflict' }))).toBe(true);
  });

  test('given a bulk write, when the server has stopped, then the database is away', async () => {
    const between = relayToEngine();
    between.listen(0, '127.0.0.1');
    await once(between, 'listening');
    const { port } = between.address() as AddressInfo;
    const url = `mongodb://127.0.0.1:${port}/?directConnection=true&serverSelectionTimeoutMS=1000`;
    const client = await new MongoClient(url).connect();
    between.close();
    between.emit('cut');
    const things = client.db('x').collection('things');
    const error = await things.bulkWrite([{ deleteOne: { filter: {} } }]).catch((err: unknown) => err);
    expect(error).toBeInstanceOf(MongoBulkWriteError);
    expect(isDatabaseAway(error)).toBe(true);
    await client.close();
  });

  test('given a connection that breaks while a command is written, then the database is away', () => {
    const err = new Error('This socket has been ended by the other party');
    expect(isDatabaseAway(Object.assign(err, { code: 'EPIPE' }))).toBe(true);
  });

  test.each([
    new Error('other'),
    new MongoServerError({ code: 11_000 }),
    new MongoServerError({ code: 13 }),
    undefined,
  ])('given %s, then the database is not away', (err) => {
    expect(isDatabaseAway(err)).toBe(false);
  });

  test('given a closed connection, then ping fails', async () => {
    const database = await connectDatabase(
      { url: inject('databaseUrl'), name: 'x' },
      'test',
      bed.log,
      new AbortController().signal,
    );
    await expect(database.ping()).resolves.toBeUndefined();
    await database.close();
  });
});

test('given documents with equal times, when pages are read, then they are newest first, disjoint and complete', async () => {
  const pages = bed.database.db.collection<{ _id: number; created_at: Date }>('pages');
  const at = (n: number) => ({ _id: n, created_at: new Date(Math.floor(n / 3)) });
  await pages.insertMany(Array.from({ length: 10 }, (_, n) => at(n)));
  const found: number[] = [];
  for (let skip = 0; skip < 12; skip += 4) {
    const { data, count } = await findPage(pages, {}, { skip, limit: 4 });
    expect(count).toBe(10);
    found.push(...data.map(({ _id }) => _id));
  }
  expect(found).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
});
