/** This is the images' health check; `docker inspect` shows its output. */

import { reasonOf } from '../errors.ts';
import { getDirectly } from '../http/get-directly.ts';

const ANSWER_WITHIN_MS = 4_000;

const url = `http://127.0.0.1:${process.env.PRIVATE_PORT}/health/ready`;

try {
  const { status, body } = await getDirectly(url, ANSWER_WITHIN_MS);
  process.stdout.write(body);
  process.exitCode = status === 200 ? 0 : 1;
} catch (err) {
  process.stdout.write(reasonOf(err));
  process.exitCode = 1;
}
