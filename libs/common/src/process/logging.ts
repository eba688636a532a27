import pino from 'pino';

/** Log calls have fields first, then one fixed short message. */
export type Log = pino.Logger;

const SECRET_FIELDS = [
  'password',
  'new_password',
  'current_password',
  'hashed_password',
  'token',
  'access_token',
  'authorization',
];

/** Creates a JSON logger on standard output or `lines`; `ids` gives fields for every line it writes. */
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
