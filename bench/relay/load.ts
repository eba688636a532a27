import * as z from 'zod';
import { fire } from '../cannon.ts';

const CONNECTIONS = 16;
/** Two cores do this many requests per second easily. */
const STEADY_RATE = 150;
const ITEMS = '/api/v1/items/';

const created = z.object({ id: z.string() });

export type Figures = { 'p50 ms': number; 'p97.5 ms': number; 'most requests/s': number };

/** Sends half writes and half reads, first at a steady rate, then at the highest possible rate. */
export async function createLoad(
  url: string,
  token: string,
  seconds: number,
  signal: AbortSignal,
): Promise<() => Promise<Figures>> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ title: 'one more' });
  const made = await fetch(url + ITEMS, { method: 'POST', headers, body, signal });
  const { id } = created.parse(await made.json());

  const requests = [
    { method: 'POST', path: ITEMS, body },
    { method: 'GET', path: ITEMS + id },
  ] as const;
  const load = (rate: { overallRate?: number } = {}) =>
    fire(
      { url, headers, connections: CONNECTIONS, duration: seconds, requests: [...requests], ...rate },
      signal,
    );
  return async () => {
    const { latency } = await load({ overallRate: STEADY_RATE });
    const { requests } = await load();
    return { 'p50 ms': latency.p50, 'p97.5 ms': latency.p97_5, 'most requests/s': requests.average };
  };
}
