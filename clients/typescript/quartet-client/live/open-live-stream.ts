import type { Client } from '../../src/client/index.ts';
import type { Clock } from '../clock.ts';
import { QuartetError, toQuartetError } from '../quartet-error.ts';

/** The API writes a comment every 15 s; two of them may be lost on the way, or late. */
const SILENT_MS = 35_000;

/**
 * Opens the stream after that event, and returns its text in pieces, until it ends or breaks.
 *
 * @throws QuartetError when there is no stream
 */
export async function openLiveStream(
  { client, clock }: { client: Client; clock: Clock },
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<AsyncGenerator<string, void>> {
  const connection = new AbortController();
  const leave = (): void => connection.abort(signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave);
  connection.signal.addEventListener('abort', () => signal.removeEventListener('abort', leave));
  const unlessSilent = async <T>(work: Promise<T>): Promise<T> => {
    const timer = new AbortController();
    clock.wait(SILENT_MS, timer.signal).then(
      () => connection.abort(new QuartetError(`The API was silent for ${SILENT_MS} ms`)),
      () => undefined,
    );
    try {
      return await work;
    } finally {
      timer.abort();
    }
  };

  const { data, error, response } = await unlessSilent(
    client.get<{ 200: ReadableStream<Uint8Array> }>({
      url: '/api/v1/live',
      headers: lastEventId ? { 'Last-Event-ID': lastEventId } : {},
      parseAs: 'stream',
      security: [{ scheme: 'bearer', type: 'http' }],
      signal: connection.signal,
    }),
  );
  if (!data || !isEventStream(response)) {
    connection.abort();
    throw toQuartetError(error, response);
  }
  return textOf(data, unlessSilent, connection);
}

async function* textOf(
  body: ReadableStream<Uint8Array>,
  unlessSilent: <T>(work: Promise<T>) => Promise<T>,
  connection: AbortController,
): AsyncGenerator<string, void> {
  const reader = body.getReader();
  // Node forgets the signal of a request when that is no longer in memory.
  connection.signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined));
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await unlessSilent(reader.read());
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } catch {
    // The connection broke: what was not read yet comes with the next one.
  } finally {
    connection.abort();
  }
}

const isEventStream = (response: Response | undefined): boolean =>
  response?.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
