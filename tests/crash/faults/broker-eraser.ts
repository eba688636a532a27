import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker } from '@quartet/common/events/broker/broker.ts';
import { dataPaths } from '../../../tools/stack/data-folder.ts';
import { type Kept, madeAtMs, nothingKept, readHandled, readKept, soon } from '../observing/kept.ts';
import { readStore } from '../observing/store.ts';
import { type DataLoss, type KeptName, streamOf } from './data-loss.ts';
import type { Processes } from './processes.ts';

/** Takes from the broker what it keeps, and remembers it. */
export type BrokerEraser = {
  /** Erases a stream, a bucket or everything. Resolves with the time, in milliseconds since the epoch; undefined when there was nothing. */
  erase(what: DataLoss): Promise<number | undefined>;
  /** What was lost so far, oldest first. */
  erased(): Promise<Kept[]>;
};

/** What was lost before may not have been made again. */
const THERE_WITHIN_MS = 15_000;
const POLL_MS = 50;
/** Of an event that was heard of as its stream went: behind everything that stood there. */
const HEARD = Number.MAX_SAFE_INTEGER;
const STORE = 'jetstream';
/** The others excuse nothing. */
const REMEMBERED: ReadonlySet<KeptName> = new Set(['EVENTS', 'DEAD_LETTERS', 'REVOCATIONS']);

/** @param namespace of the stack at its broker */
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

  /** The files are only moved away: nobody knows better what was in them, but for the last acknowledgements. */
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
          // Its answer may have been lost.
          if ((await madeAtMs(broker, what)) === bornMs) throw err;
        });
        const atMs = Date.now();
        await broker.nc.flush();
        const late = heard.filter((event) => event.atMs >= bornMs).map(({ text }) => text);
        lost.push(async () => partOf(what, kept, late));
        return atMs;
      } catch {
        // The broker may have been killed a moment ago.
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

/**
 * Hears what is published, until the connection is closed: what is stored after a stream was read, and before it is deleted,
 * is known by nothing else.
 */
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

/** Does it at the first call, for all calls. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
