import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker } from '@quartet/common/events/broker/broker.ts';
import { dataPaths } from '../../../tools/stack/data-folder.ts';
import { type Kept, madeAtMs, nothingKept, readHandled, readKept, soon } from '../observing/kept.ts';
import { readStore } from '../observing/store.ts';
import { type DataLoss, type KeptName, streamOf } from './data-loss.ts';
import type { Processes } from './processes.ts';

export type BrokerEraser = {
  /** Resolves with the time in milliseconds since the epoch, or undefined when there was nothing. */
  erase(what: DataLoss): Promise<number | undefined>;
  erased(): Promise<Kept[]>;
};

/** auth may still have to create what an earlier fault erased. */
const THERE_WITHIN_MS = 15_000;
const POLL_MS = 50;
/** Events that arrived during the deletion of their stream come after all others. */
const HEARD = Number.MAX_SAFE_INTEGER;
const STORE = 'jetstream';
/** Other losses excuse nothing. */
const REMEMBERED: ReadonlySet<KeptName> = new Set(['EVENTS', 'DEAD_LETTERS', 'REVOCATIONS']);

export function createBrokerEraser(options: {
  broker: Broker;
  namespace: string;
  processes: Processes;
  dataDir: string;
  signal: AbortSignal;
}): BrokerEraser {
  const { broker, namespace, processes, dataDir, signal } = options;
  const lost: (() => Promise<Kept>)[] = [];
  const heard = hear(broker);
  let reconnections = 0;
  broker.onReconnect(() => {
    reconnections += 1;
  });

  /** The moved files show what was lost, except the last acknowledgements. */
  async function empty(): Promise<number | undefined> {
    const handledTo = await soon(readHandled(broker)).catch(() => nothingKept.handledTo);
    const goOn = await processes.freeze('broker');
    const folder = join(dataDir, `lost-${lost.length + 1}`);
    await mkdir(folder);
    const isEmptied = await rename(join(dataPaths(dataDir).broker, STORE), join(folder, STORE)).then(
      () => true,
      () => false,
    );
    await processes.kill('broker');
    goOn();
    if (!isEmptied) return undefined;
    lost.push(
      once(async () => {
        const kept = await readStore(folder, namespace, signal);
        const further = [...kept.handledTo].map(([consumer, place]): [string, number] => [
          consumer,
          Math.max(place, handledTo.get(consumer) ?? 0),
        ]);
        return { ...kept, handledTo: new Map(further) };
      }),
    );
    return Date.now();
  }

  async function remove(what: KeptName): Promise<number | undefined> {
    const deadline = performance.now() + THERE_WITHIN_MS;
    for (; performance.now() < deadline && !signal.aborted; await delay(POLL_MS)) {
      const before = reconnections;
      try {
        await broker.nc.flush();
        const kept = REMEMBERED.has(what) ? await readKept(broker) : nothingKept;
        const bornMs = await madeAtMs(broker, what);
        if (bornMs === undefined || before !== reconnections) continue;
        await broker.jsm.streams.delete(streamOf(what, broker.names)).catch(async (err: unknown) => {
          // The deletion may have succeeded although its answer was lost.
          if ((await madeAtMs(broker, what)) === bornMs) throw err;
        });
        const atMs = Date.now();
        await broker.nc.flush();
        const late = heard.filter((event) => event.atMs >= bornMs).map(({ text }) => text);
        lost.push(async () => partOf(what, kept, late));
        return atMs;
      } catch {
        // The broker may have been killed just before.
      }
    }
    return undefined;
  }

  return {
    erase: (what) => (what === 'everything' ? empty() : remove(what)),
    async erased() {
      const all: Kept[] = [];
      for (const read of lost) all.push(await read());
      return all;
    },
  };
}

/** Subscribes to events, because a deletion also loses those stored after the stream was read. */
function hear({ nc, names }: Broker): { atMs: number; text: string }[] {
  const heard: { atMs: number; text: string }[] = [];
  for (const subject of ['user.>', 'password.>', 'item.>'].map(names.event)) {
    nc.subscribe(subject, {
      callback: (err, message) => void (err ?? heard.push({ atMs: Date.now(), text: message.string() })),
    });
  }
  return heard;
}

function partOf(what: KeptName, kept: Kept, heard: readonly string[]): Kept {
  const { events, handledTo, deadLetters, revocations } = kept;
  if (what === 'DEAD_LETTERS') return { ...nothingKept, deadLetters };
  if (what === 'REVOCATIONS') return { ...nothingKept, revocations };
  if (what !== 'EVENTS') return kept;
  const known = new Set(events.map(({ text }) => text));
  const late = heard.filter((text) => !known.has(text)).map((text) => ({ place: HEARD, text }));
  return { ...nothingKept, events: [...events, ...late], handledTo };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
