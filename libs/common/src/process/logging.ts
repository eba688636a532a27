import pino from 'pino';

/** pino's logger: fields first, then one fixed short message. */
export type Log = pino.Logger;

/** Fields that are redacted when a whole object is logged. */
const SECRET_FIELDS = [
  'password',
  'new_password',
  'current_password',
  'hashed_password',
  'token',
  'access_token',
  'authorization',
];

/**
 * A JSON logger on standard output.
 * @param name of the process, in every line
 * @param level pino’s level name
 * @param lines receives the lines in place of standard output
 * @param ids fields of every line, read when it is written: the ids of the running span
 */
export function createLog(
  name: string,
  level: string,
  lines?: pino.DestinationStream,
  ids?: () => Record<string, string>,
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: { name },
    ...(ids ? { mixin: ids } : {}),
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
  return lines ? pino(options, lines) : pino(options);
}
