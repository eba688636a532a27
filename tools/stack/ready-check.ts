import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;
const ANSWER_WITHIN_MS = 2000;

/** Returns true when the address answers 200, and false when `signal` aborts. */
export async function untilHealthy(url: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if ((await statusOf(url, signal)) === 200) return true;
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

function statusOf(url: string, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    // With an agent, the service would have to close a kept connection when it drains.
    const request = get(url, { agent: false, signal, timeout: ANSWER_WITHIN_MS }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(undefined));
  });
}
