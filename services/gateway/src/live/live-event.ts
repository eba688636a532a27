import { eventIn, type StoredEvent } from '@quartet/common/events/live/stored-event.ts';
import { userOf } from './audience.ts';
import { eventFrame } from './frames.ts';

/** All streams that get an event share these bytes. */
export type LiveEvent = { sequence: number; userId: string; frame: Buffer };

/** What is written is what the contract names, whatever else a producer put into the message. */
export function toLiveEvent(stored: StoredEvent): LiveEvent | undefined {
  const event = eventIn(stored);
  if (!event) return undefined;
  const { sequence } = stored;
  return { sequence, userId: userOf(event), frame: eventFrame(sequence, event) };
}
