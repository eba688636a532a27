import type { StatusPublic } from '@quartet/client';
import { Notice } from '#components/ui/notice.tsx';
import { shortDuration } from '#lib/time.ts';
import { overviewTexts } from '#texts/overview.ts';

/** An outbox, a consumer or a queue that works is empty sooner. */
const SLOW_SECONDS = 60;

export function Attention({ status }: { status: StatusPublic }) {
  const found = attentionOf(status);
  if (found.length === 0) return <Notice kind="good">{overviewTexts.allWell}</Notice>;
  return (
    <Notice kind="warning">
      <p className="font-medium">{overviewTexts.attention}</p>
      <ul className="mt-1 list-disc space-y-1 pl-5">
        {found.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </Notice>
  );
}

function attentionOf({ unanswered, services, outboxes, consumers, emails, dead_letters }: StatusPublic) {
  const waiting: [string, number | null | undefined][] = [
    ...outboxes.map((each) => [overviewTexts.outbox(each.service), each.oldest_age_seconds] as const),
    ...consumers.map((each) => [overviewTexts.consumer(each.service), each.oldest_age_seconds] as const),
    [overviewTexts.emails, emails?.oldest_age_seconds] as const,
  ].map(([name, age]) => [name, age]);
  const texts = [
    ...unanswered.map(({ part, service }) => overviewTexts.parts[part](service ?? '')),
    ...services.flatMap(({ name, replicas }) =>
      replicas.flatMap(({ problems, notes }) => [
        ...problems.map((problem) => overviewTexts.notReady(name, problem)),
        ...notes.map((note) => overviewTexts.note(name, note)),
      ]),
    ),
    ...waiting
      .filter(([, age]) => (age ?? 0) >= SLOW_SECONDS)
      .map(([name, age]) => overviewTexts.slow(name, shortDuration(age ?? 0))),
    ...(dead_letters && dead_letters.waiting > 0 ? [overviewTexts.deadLetters(dead_letters.waiting)] : []),
  ];
  return [...new Set(texts)];
}
