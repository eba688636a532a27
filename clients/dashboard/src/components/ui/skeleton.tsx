import { common } from '#texts/common.ts';
import { classes } from './classes.ts';

/** Takes the place of a part that loads; `className` gives it that part's size. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <div
      aria-hidden="true"
      className={classes('motion-safe:animate-pulse rounded-md bg-raised', className ?? 'h-10')}
    />
  );
}

/** As high as the table that comes. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label={common.loading} className="space-y-2">
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <Skeleton key={at} className="h-12" />
      ))}
    </div>
  );
}
