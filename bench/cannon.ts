import autocannon, { type Options, type Result } from 'autocannon';

/** `onAnswer` gets exact milliseconds, which autocannon rounds. @throws {Error} when a request fails */
export async function fire(
  options: Options,
  signal: AbortSignal,
  onAnswer?: (ms: number) => void,
): Promise<Result> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const cannon = autocannon(options, (err: unknown, result) => (err ? reject(err) : resolve(result)));
  if (onAnswer) cannon.on('response', (_client, _status, _bytes, ms) => onAnswer(ms));
  const stop = () => cannon.stop();
  signal.addEventListener('abort', stop, { once: true });
  const result = await promise.finally(() => signal.removeEventListener('abort', stop));
  signal.throwIfAborted();
  const failed = result.non2xx + result.errors;
  if (failed > 0) throw new Error(`${failed} requests to ${options.url} failed: ${statuses(result)}`);
  return result;
}

function statuses({ statusCodeStats, errors, timeouts }: Result): string {
  const answered = Object.entries(statusCodeStats ?? {}).map(([code, { count }]) => `${count} times ${code}`);
  return [...answered, `${errors} without an answer (${timeouts} too late)`].join(', ');
}
