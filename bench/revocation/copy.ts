import { StorageType } from '@nats-io/jetstream';
import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import * as z from 'zod';
import { runChild } from '../child.ts';
import type { Row } from '../figures.ts';
import { randomEntry, TOKEN_LIFE_SECONDS } from './entries.ts';

const NAMESPACE = 'bench_copy';
const IN_FLIGHT = 500;
const COPIES = 3;

const copied = z.object({ copyMs: z.number(), entries: z.number(), heapBytes: z.number() });

export async function measureCopy(url: string, entries: number, signal: AbortSignal): Promise<Row[]> {
  const log = createLog('bench', 'warn');
  const broker = await connectBroker({ servers: [url], namespace: NAMESPACE, name: 'bench', log, signal });
  await fillBucket(broker, entries, signal);
  const copies: z.output<typeof copied>[] = [];
  while (copies.length < COPIES) {
    const copy = await runChild('revocation/copy-bucket.ts', [url, NAMESPACE], copied, signal);
    if (copy.entries !== entries) throw new Error(`${copy.entries} of ${entries} entries were copied`);
    copies.push(copy);
  }
  await broker.close();
  const ms = copies.map(({ copyMs }) => Math.round(copyMs)).toSorted((a, b) => a - b);
  const bytes = Math.min(...copies.map(({ heapBytes }) => heapBytes)) / entries;
  return [
    [
      `a new process copies ${entries.toLocaleString('en')} entries`,
      `${ms.join(', ')} ms; ${Math.round(bytes)} bytes of heap each`,
    ],
  ];
}

async function fillBucket({ kvm, js, names }: Broker, entries: number, signal: AbortSignal): Promise<void> {
  // Without the broker's memory, a sync for every entry would take minutes.
  await kvm.create(names.revocations, {
    history: 1,
    ttl: TOKEN_LIFE_SECONDS * 1_000,
    storage: StorageType.Memory,
  });
  const put = async (n: number) => {
    const { key, value } = randomEntry(n % 2 === 0 ? 'user' : 'session');
    await js.publish(`$KV.${names.revocations}.${key}`, value);
  };
  for (let done = 0; done < entries; done += IN_FLIGHT) {
    signal.throwIfAborted();
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, entries - done) }, (_, n) => put(n)));
  }
}
