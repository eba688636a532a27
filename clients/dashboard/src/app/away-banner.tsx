import { useAway } from '#lib/use-away.ts';
import { common } from '#texts/common.ts';

/** Always there, so that a screen reader hears its text when it comes. */
export function AwayBanner() {
  const away = useAway();
  return (
    <div role="status">
      {away && (
        <p className="border-b border-warning bg-warning-surface px-4 py-2 text-center text-sm text-warning">
          {away === 'all' ? common.away : common.partAway}
        </p>
      )}
    </div>
  );
}
