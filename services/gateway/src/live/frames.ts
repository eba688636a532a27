import type { Envelope } from '@quartet/common/events/envelope.ts';

/** Why a reader has to load everything again: what was missed is not known. */
export type ResetReason = 'too-old' | 'too-many' | 'unknown-id' | 'new-stream';

export type EndReason =
  | 'token-expired'
  | 'session-ended'
  | 'user-deactivated'
  | 'user-deleted'
  | 'role-changed'
  | 'draining';

/** An id without data moves the reader's `Last-Event-ID` and is no event (HTML, 9.2.6). */
const position = (sequence: number): string => `id: ${sequence}\n\n`;

/** JSON has no line breaks, so that it is one field of an event. */
export const eventFrame = (sequence: number, event: Envelope): Buffer =>
  Buffer.from(`id: ${sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

export const openingFrame = (sequence: number): string => `: open\n${position(sequence)}`;

/** It keeps proxies from closing the connection, and a later reconnect from beginning far back. */
export const heartbeatFrame = (sequence: number): string => `: alive\n${position(sequence)}`;

export const resetFrame = (sequence: number, reason: ResetReason): string =>
  `id: ${sequence}\nevent: reset\ndata: ${JSON.stringify({ reason })}\n\n`;

export const endFrame = (reason: EndReason): string =>
  `${reason === 'draining' ? 'retry: 1000\n' : ''}event: end\ndata: ${JSON.stringify({ reason })}\n\n`;
