/**
 * The images' health check: asks the private port of this container whether it should be sent requests.
 * Exit code 0 when it should. What is wrong is printed, where `docker inspect` shows it.
 */
const ANSWER_WITHIN_MS = 4_000;

const url = `http://127.0.0.1:${process.env.PRIVATE_PORT}/health/ready`;

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  process.stdout.write(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (err) {
  process.stdout.write(`${url} does not answer: ${err instanceof Error ? err.message : err}`);
  process.exitCode = 1;
}
