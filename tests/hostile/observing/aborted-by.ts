/** Ignores a failure after the signal has aborted the work. */
export async function abortedBy(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const end = () => over.resolve();
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    await Promise.race([work, over.promise]);
  } catch (err) {
    if (!signal.aborted) throw err;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
