import { readEvent } from '@quartet/common/events/envelope.ts';
import type { Kept } from '../observing/kept.ts';
import type { LiveRecord } from '../observing/live-readers.ts';
import type { Fault } from './faults.ts';

/** Compares what readers have received with what the stream has. */
export const checkLive = (records: readonly LiveRecord[], events: Kept['events']): Fault[] =>
  records.flatMap(({ after, seen, again }, reader) => {
    const about = `reader ${reader}`;
    const missing = events.filter(
      ({ place, text }) => place > after && seen.get(place) !== readEvent(text).id,
    );
    return [
      ...again.map((detail): Fault => ({ kind: 'live-doubled', about, detail })),
      ...missing.map(({ place, text }): Fault => {
        const { type, id } = readEvent(text);
        return { kind: 'live-missing', about, detail: `${type} ${id} at ${place}` };
      }),
    ];
  });
