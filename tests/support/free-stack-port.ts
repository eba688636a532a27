import { randomInt } from 'node:crypto';
import { listenError } from '../../tools/engines/index.ts';
import { listPorts, type PortPlan } from '../../tools/stack/ports.ts';

/** Each worker has its own gateway ports (above four, two share them); engines get none of these. */
const BLOCKS = { lowest: 10_000, size: 2_000, workers: 4, firsts: 900 };

const MOST_TRIES = 200;

/** Every port of `plan` is free around the returned gateway port. */
export async function freeStackPort(plan: (port: number) => PortPlan[]): Promise<number> {
  const worker = process.env.VITEST_POOL_ID;
  const block = worker === undefined ? BLOCKS.workers : Number(worker) % BLOCKS.workers;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const port = BLOCKS.lowest + block * BLOCKS.size + randomInt(BLOCKS.firsts);
    const ports = plan(port).flatMap(listPorts);
    const codes = await Promise.all(ports.map((one) => listenError(one.port, '127.0.0.1')));
    if (codes.every((code) => code === undefined)) return port;
  }
  throw new Error('no ports are free for a stack of the tests');
}
