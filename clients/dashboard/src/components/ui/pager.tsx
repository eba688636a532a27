import { common } from '#texts/common.ts';
import { Button } from './button.tsx';

/** Below a list by cursor. */
export function Pager({
  summary,
  page,
  onPrevious,
  onNext,
}: {
  summary: string;
  page: number;
  /** Undefined on the first page. */
  onPrevious: (() => void) | undefined;
  /** Undefined on the last page. */
  onNext: (() => void) | undefined;
}) {
  return (
    <nav
      aria-label={common.listNavigation}
      className="mt-4 flex flex-wrap items-center justify-between gap-3 text-sm"
    >
      <p className="text-muted">{summary}</p>
      {(onPrevious || onNext) && (
        <div className="flex items-center gap-3">
          <Button disabled={!onPrevious} onClick={onPrevious}>
            {common.previous}
          </Button>
          <span aria-live="polite" className="text-muted">
            {common.page(page)}
          </span>
          <Button disabled={!onNext} onClick={onNext}>
            {common.next}
          </Button>
        </div>
      )}
    </nav>
  );
}
