import type { Call, Client } from '../../support/client.ts';

/** `unreached` means that the request was not sent; `lost` means that it may happen now, later or never. */
export type Sent =
  | { kind: 'answered'; body: unknown }
  | { kind: 'refused'; status: number; text: string }
  | { kind: 'unreached' }
  | { kind: 'lost' }
  | { kind: 'wrong'; why: string };

/** The gateway's own timeout is shorter, so no request may take so long. */
const ANSWER_WITHIN_MS = 60_000;

/** It never rejects, whatever has died. */
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
    // fetch throws a TypeError for a connection; any other error means an answer against the document.
    if (!(err instanceof TypeError)) return { kind: 'wrong', why: String(err) };
    return { kind: wasRefused(err.cause) ? 'unreached' : 'lost' };
  }
}

export const wasRefused = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
