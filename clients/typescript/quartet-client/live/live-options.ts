import type { LiveEvent } from '../../src/events/types.gen.ts';
import type { QuartetError } from '../quartet-error.ts';

/** Why what was missed is not known, or not sent. */
export type ResetReason = 'too-old' | 'too-many' | 'unknown-id' | 'new-stream';

/** Why the API has ended a stream. */
export type EndReason =
  | 'token-expired'
  | 'session-ended'
  | 'user-deactivated'
  | 'user-deleted'
  | 'role-changed'
  | 'draining';

/** `open` says where the stream begins, to go on after it. `lost`: the connection broke or was not made; `error` then says why, as far as it is known. */
export type LiveState =
  | { state: 'connecting' }
  | { state: 'open'; lastEventId: string }
  | { state: 'waiting'; forMs: number; reason: EndReason | 'lost'; error?: QuartetError };

export type LiveOptions = {
  /** The next event waits for the promise that this returns; `lastEventId` is the event’s place, to go on after it. */
  onEvent: (event: LiveEvent, lastEventId: string) => unknown;
  /** Events are missing: whatever was loaded before has to be loaded again. New events follow. */
  onReset?: (reason: ResetReason, lastEventId: string) => unknown;
  onState?: (state: LiveState) => void;
  signal?: AbortSignal;
  /** Begins after this event; otherwise with what happens from now on. */
  lastEventId?: string | undefined;
};
