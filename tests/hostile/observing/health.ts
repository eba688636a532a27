import { setTimeout as delay } from 'node:timers/promises';
import { serviceNames } from '../../../services/services.ts';
import { planPorts } from '../../../tools/stack/ports.ts';
import { abortedBy } from './aborted-by.ts';

const ASK_EVERY_MS = 500;
const ANSWER_WITHIN_MS = 60_000;

/** Resolves with the longest answer in milliseconds, when the signal aborts. */
export async function watchHealth(api: string, signal: AbortSignal): Promise<number> {
  const plan = planPorts(Number(new URL(api).port), 1);
  let longestMs = 0;
  const ask = async (url: string): Promise<void> => {
    const askedAt = performance.now();
    await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
    longestMs = Math.max(longestMs, performance.now() - askedAt);
  };
  const keepAsking = async (url: string): Promise<void> => {
    do {
      await ask(url);
      await abortedBy(signal, delay(ASK_EVERY_MS, undefined, { signal }));
    } while (!signal.aborted);
  };
  const ports = serviceNames.flatMap((name) => plan[name]).map(({ privatePort }) => privatePort);
  await Promise.all(ports.map((port) => keepAsking(`http://127.0.0.1:${port}/health/ready`)));
  return longestMs;
}
