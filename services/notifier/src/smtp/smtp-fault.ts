/**
 * Why an e-mail did not go out. `refused`: this e-mail never will; `later`: the server wants it another time;
 * `away`: the server takes no e-mail at all, so none is to blame; `unknown`: the server had all of it and did not say
 * whether it takes it; `stopped`: we broke off ourselves, before the server had all of it.
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

/** We broke a conversation off. */
export class Stopped extends Error {
  override name = 'Stopped';
}

/** RFC 5321, 4.2: the server is about to close, whatever command this answers. */
const CLOSING = 421;

/** The code of what the server says of this envelope or message; a failed login, say, does not speak of this e-mail. */
function replyAbout(err: Error): number | undefined {
  const about = 'code' in err ? err.code : undefined;
  if (about !== 'EENVELOPE' && about !== 'EMESSAGE') return undefined;
  return 'responseCode' in err && Number(err.responseCode) >= 400 ? Number(err.responseCode) : undefined;
}

/** Whether the server goes on with the conversation after it has said this. */
export const isRefusal = (err: Error): boolean => (replyAbout(err) ?? CLOSING) !== CLOSING;

/** @param isHandedOver whether the server may have had the final dot */
export function faultOf(err: Error, isHandedOver: boolean): SmtpFault {
  const reply = replyAbout(err);
  if (reply === undefined && isHandedOver) return 'unknown';
  if (err instanceof Stopped) return 'stopped';
  if (reply === undefined || reply === CLOSING) return 'away';
  return reply >= 500 ? 'refused' : 'later';
}
