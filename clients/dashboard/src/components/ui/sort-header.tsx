/** The header of a column that the list is sorted by when it is pressed. */
export function SortHeader({
  text,
  sorted,
  onSort,
}: {
  text: string;
  sorted: 'ascending' | 'descending' | undefined;
  onSort: () => void;
}) {
  return (
    <button
      type="button"
      onClick={onSort}
      className="-mx-2 inline-flex min-h-8 items-center gap-1 rounded px-2 font-medium hover:bg-raised hover:text-text"
    >
      {text}
      <span aria-hidden="true" className="w-3 text-xs">
        {sorted === 'ascending' ? '▲' : sorted === 'descending' ? '▼' : ''}
      </span>
    </button>
  );
}
