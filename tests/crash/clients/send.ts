import type { Call, Client } from '../../support/client.ts';

/**
 * What became of a request. `unreached`: it never left; `lost`: it may have been carried out, now or later, or not.
 */
export type Sent =
  | { kind: 'answered'; body: unknown }
  | { kind: 'refused'; status: number; text: string }
  | { kind: 'unreached' }
  | { kind: 'lost' }
  | { kind: 'wrong'; why: string };

/** Longer than the gateway waits for a service: nothing may hang for ever. */
const ANSWER_WITHIN_MS = 60_000;

/** Sends a request to a stack in which anything may be dead. Never rejects. */
export async function send(call: Client, method: string, path: string, options: Call): Promise<Sent> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Sent>((resolve) => {
    const why = `${method} ${path} had no answer after ${ANSWER_WITHIN_MS / 1000} s`;
    timer = setTimeout(() => resolve({ kind: 'wrong', why }), ANSWER_WITHIN_MS);
  });
  const sent = await Promise.race([trySend(call, method, path, options), tooLate]);
  clearTimeout(timer);
  return sent;
}

async function trySend(call: Client, method: string, path: string, options: Call): Promise<Sent> {
  try {
    const { status, body, text } = await call(method, path, options);
    if (status < 300) return { kind: 'answered', body };
    return status < 500 ? { kind: 'refused', status, text } : { kind: 'lost' };
  } catch (err) {
    // fetch reports what happened to the connection as a TypeError; anything else is an answer against the document.
    if (!(err instanceof TypeError)) return { kind: 'wrong', why: String(err) };
    return { kind: wasRefused(err.cause) ? 'unreached' : 'lost' };
  }
}

/** Whether the cause of what `fetch` throws is that nobody listens. */
export const wasRefused = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
