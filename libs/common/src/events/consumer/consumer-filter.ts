import type { ConsumerConfig } from '@nats-io/jetstream';
import * as z from 'zod';

/** How long a subject stays in a filter after the last process that handles its events. */
export const KEPT_SECONDS = 86_400;
const RENEW_SECONDS = 3_600;
const METADATA_KEY = 'quartet-handled-at';

export type Filter = Required<Pick<ConsumerConfig, 'filter_subjects' | 'metadata'>>;

/** By subject: when a process last declared that it handles it, in seconds since the epoch. */
const handledAt = z.record(z.string(), z.number());

/** Combines own subjects with those that another process handled within a day, so that upgrades lose none. */
export function sharedFilter(
  own: readonly string[],
  stored: Partial<Pick<ConsumerConfig, 'filter_subjects' | 'filter_subject' | 'metadata'>>,
  nowSeconds: number,
): Filter {
  const times = handledAtOf(stored);
  const renewed = (subject: string): number => {
    const at = Math.min(times[subject] ?? nowSeconds, nowSeconds);
    return own.includes(subject) && nowSeconds - at >= RENEW_SECONDS ? nowSeconds : at;
  };
  // A subject with a wildcard is not ours, and would overlap.
  const kept = subjectsOf(stored).filter((subject) => !/[*>]/.test(subject));
  const subjects = [...new Set([...own, ...kept])].filter(
    // A consumer of an earlier release has no times, so its subjects count from now on.
    (subject) => own.includes(subject) || nowSeconds - renewed(subject) < KEPT_SECONDS,
  );
  const entries = subjects.map((subject) => [subject, renewed(subject)]);
  return {
    filter_subjects: subjects.toSorted(),
    metadata: { ...stored.metadata, [METADATA_KEY]: JSON.stringify(Object.fromEntries(entries)) },
  };
}

/** Whether a consumer has this filter already. */
export const hasFilter = (stored: Partial<ConsumerConfig>, { filter_subjects, metadata }: Filter): boolean =>
  subjectsOf(stored).toSorted().join() === filter_subjects.join() &&
  stored.metadata?.[METADATA_KEY] === metadata[METADATA_KEY];

const subjectsOf = ({ filter_subjects, filter_subject }: Partial<ConsumerConfig>): string[] =>
  filter_subjects ?? (filter_subject ? [filter_subject] : []);

function handledAtOf({ metadata }: Partial<ConsumerConfig>): z.output<typeof handledAt> {
  try {
    return handledAt.parse(JSON.parse(metadata?.[METADATA_KEY] ?? '{}'));
  } catch {
    return {};
  }
}
