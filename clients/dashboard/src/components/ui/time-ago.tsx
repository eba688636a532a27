import { ago, inFull, useNow } from '#lib/time.ts';

export function TimeAgo({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={inFull(date)} className="whitespace-nowrap">
      {ago(date, useNow())}
    </time>
  );
}
