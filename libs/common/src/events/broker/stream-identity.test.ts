import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { connectTo, recordingLog } from '../../../test/event-kit.ts';
import { checkParts } from '../../process/health.ts';
import { createMetrics } from '../../process/metrics.ts';
import { observeBroker } from '../event-metrics.ts';
import { ensureTopology, keepTopology } from './topology.ts';

let bed: Testbed;
/** A process that needs something at the broker. */
let needing: Awaited<ReturnType<typeof connectTo>>;
const { log, lines } = recordingLog();

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
  needing = await connectTo(bed.brokerEngine.url, log, bed.env.NATS_NAMESPACE);
});
afterAll(async () => {
  needing.abort();
  await needing.broker.close();
  await bed.stop();
});

const linesOf = (stream: string) => lines().filter((line) => line.stream === stream);

test('given a lost stream, when it is checked, then log, health and metric report it until its content is made again', async () => {
  const { broker, signal } = needing;
  const { streams } = bed.broker.jsm;
  const { eventStream } = broker.names;
  const metrics = createMetrics();
  observeBroker(metrics, broker);
  const made: string[] = [];
  await broker.looks.keep(eventStream, { recreated: async ({ created }) => void made.push(created) }, signal);
  const state = async () => {
    const text = await metrics.registry.getSingleMetricAsString('quartet_broker_stream_missing');
    return { notes: (await checkParts(broker)).notes, missing: / (\d)$/m.exec(text)?.[1] };
  };
  expect(await state()).toEqual({ notes: [], missing: '0' });
  const first = (await streams.info(eventStream)).created;

  await streams.delete(eventStream);
  await expect.poll(state).toEqual({ notes: [expect.stringContaining(eventStream)], missing: '1' });
  await broker.looks.look(eventStream);
  await broker.looks.look(eventStream);
  expect(linesOf(eventStream)).toMatchObject([{ level: 40 }]);
  expect((await checkParts(broker)).problems).toEqual([]);

  await ensureTopology(bed.broker, 3600);
  await expect.poll(() => made).toEqual([first, (await streams.info(eventStream)).created]);
  expect(await state()).toEqual({ notes: [], missing: '0' });
  expect(linesOf(eventStream)).toMatchObject([{ level: 40 }, { level: 30 }]);
});

test('given a stream, when it is replaced between two checks, then the next check notices it', async () => {
  const { broker, signal } = needing;
  const { deadLetterStream } = broker.names;
  const made: string[] = [];
  await broker.looks.keep(
    deadLetterStream,
    { recreated: async ({ created }) => void made.push(created) },
    signal,
  );
  await bed.broker.jsm.streams.delete(deadLetterStream);
  await ensureTopology(bed.broker, 3600);
  await expect.poll(() => made.length).toBe(2);
  expect(linesOf(deadLetterStream)).toMatchObject([{ level: 40, msg: expect.stringContaining('another') }]);
});

test('given a callback that fails, when checks go on, then it is repeated until it succeeds and logged once', async () => {
  const { broker, signal } = needing;
  const stream = `KV_${broker.names.limits}`;
  let tries = 0;
  const recreated = async () => {
    tries += 1;
    if (tries < 4) throw new Error('not yet');
  };
  await broker.looks.keep(stream, { recreated }, signal);
  expect(tries).toBe(4);
  expect(linesOf(stream)).toMatchObject([{ level: 40, err: { message: 'not yet' } }]);
});

test('given two processes that keep the topology, when all streams are lost, then each stream is restored once', async () => {
  const { broker, signal } = needing;
  for (const one of [broker, bed.broker]) keepTopology(one, () => ensureTopology(one, 3600), signal);
  const { eventStream, deadLetterStream, ...names } = bed.broker.names;
  const buckets = [names.revocations, names.routes, names.limits].map((name) => `KV_${name}`);
  const all = [eventStream, deadLetterStream, ...buckets];
  for (const stream of all) await bed.broker.jsm.streams.delete(stream);
  for (const stream of all) {
    const isThere = () =>
      bed.broker.jsm.streams.info(stream).then(
        () => true,
        () => false,
      );
    await expect.poll(isThere).toBe(true);
  }
});

test('given a stream that does not exist, when the signal aborts, then the wait rejects', async () => {
  const controller = new AbortController();
  const waiting = needing.broker.looks.keep('none_of_that_name', {}, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
});
