/**
 * Why an e-mail was not sent. `refused`: the server will never take it; `later`: the server wants it later; `away`: the
 * server takes no e-mail at all; `unknown`: the server had all of it and did not confirm it; `stopped`: we ended the
 * conversation before the server had all of it.
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

/** RFC 5321, 4.2: the server is about to close the connection; any command can get this reply. */
const CLOSING = 421;

/** The code of the server's reply to this envelope or message; undefined for other failures, such as a failed login. */
function replyAbout(err: Error): number | undefined {
  const about = 'code' in err ? err.code : undefined;
  if (about !== 'EENVELOPE' && about !== 'EMESSAGE') return undefined;
  return 'responseCode' in err && Number(err.responseCode) >= 400 ? Number(err.responseCode) : undefined;
}

/** Whether the conversation can go on after this reply. */
export const isRefusal = (err: Error): boolean => (replyAbout(err) ?? CLOSING) !== CLOSING;

/** @param isHandedOver whether the server may have had the final dot */
export function faultOf(err: Error, isHandedOver: boolean): SmtpFault {
  const reply = replyAbout(err);
  if (reply === undefined && isHandedOver) return 'unknown';
  if (err instanceof Stopped) return 'stopped';
  if (reply === undefined || reply === CLOSING) return 'away';
  return reply >= 500 ? 'refused' : 'later';
}
