/**
 * `refused`: a 5xx for this e-mail; `later`: a 4xx for it; `away`: the server takes no e-mail; `unknown`: it did not confirm the
 * e-mail; `stopped`: this process ended the conversation.
 */
export type SmtpFault = 'refused' | 'later' | 'away' | 'unknown' | 'stopped';

export class SmtpError extends Error {
  override name = 'SmtpError';
  readonly fault: SmtpFault;

  constructor(fault: SmtpFault, cause: Error) {
    super(fault === 'unknown' ? `it may have arrived: ${cause.message}` : cause.message, { cause });
    this.fault = fault;
  }
}

export class Stopped extends Error {
  override name = 'Stopped';
}

/** The server is about to close the connection; any command can get this reply (RFC 5321, 4.2). */
const CLOSING = 421;

/** Returns undefined for other failures, such as a failed login. */
function replyAbout(err: Error): number | undefined {
  const about = 'code' in err ? err.code : undefined;
  if (about !== 'EENVELOPE' && about !== 'EMESSAGE') return undefined;
  return 'responseCode' in err && Number(err.responseCode) >= 400 ? Number(err.responseCode) : undefined;
}

export const isRefusal = (err: Error): boolean => (replyAbout(err) ?? CLOSING) !== CLOSING;

/** `isHandedOver` says whether the server may have had the final dot. */
export function faultOf(err: Error, isHandedOver: boolean): SmtpFault {
  const reply = replyAbout(err);
  if (reply === undefined && isHandedOver) return 'unknown';
  if (err instanceof Stopped) return 'stopped';
  if (reply === undefined || reply === CLOSING) return 'away';
  return reply >= 500 ? 'refused' : 'later';
}
