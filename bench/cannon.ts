import autocannon, { type Options, type Result } from 'autocannon';

/**
 * Sends requests and returns what became of them.
 * @throws when one fails, or the signal aborts, which ends them
 */
export async function fire(options: Options, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const cannon = autocannon(options, (err: unknown, result) => (err ? reject(err) : resolve(result)));
  const stop = () => cannon.stop();
  signal.addEventListener('abort', stop, { once: true });
  const result = await promise.finally(() => signal.removeEventListener('abort', stop));
  signal.throwIfAborted();
  const failed = result.non2xx + result.errors;
  if (failed > 0) throw new Error(`${failed} requests to ${options.url} failed`);
  return result;
}
