import { createServer, connect as dial, type Socket } from 'node:net';
import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { findById } from './find-by-id.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

type Thing = { _id: ObjectId; name: string; made_at: Date; list: { n: number }[] };

test('given an id, then the document is what findOne returns; given an unknown one, then null', async () => {
  const things = bed.database.db.collection<Thing>('things');
  const thing = { _id: new ObjectId(), name: '$x', made_at: new Date(1), list: [{ n: 1 }] };
  await things.insertOne(thing);
  expect(await findById(things, thing._id)).toEqual(await things.findOne({ _id: thing._id }));
  expect(await findById(things, new ObjectId())).toBeNull();
  expect(await findById(bed.database.db.collection<Thing>('never_made'), thing._id)).toBeNull();
});

test('given a connection that breaks while it is read, then another one is asked', async () => {
  const { hostname, port } = new URL(bed.env.MONGODB_URL ?? '');
  const sockets = new Set<Socket>();
  const relay = createServer((caller) => {
    const server = dial(Number(port), hostname);
    for (const socket of [caller, server]) socket.on('error', () => socket.destroy());
    sockets.add(caller);
    caller.once('close', () => server.destroy());
    caller.pipe(server).pipe(caller);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const url = new URL(bed.env.MONGODB_URL ?? '');
  const address = relay.address();
  url.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const client = await new MongoClient(url.href, { maxPoolSize: 1 }).connect();
  onTestFinished(async () => {
    await client.close();
    relay.close();
  });
  const things = client.db(bed.database.db.databaseName).collection<Thing>('things');
  const thing = { _id: new ObjectId(), name: 'b', made_at: new Date(2), list: [] };
  await things.insertOne(thing);
  // The command is on its way when its connection ends.
  const reading = findById(things, thing._id);
  for (const socket of sockets) socket.destroy();
  expect(await reading).toMatchObject({ name: 'b' });
});
