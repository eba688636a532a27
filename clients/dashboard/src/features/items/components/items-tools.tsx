import { SearchField } from '#components/ui/search-field.tsx';
import { Select } from '#components/ui/select.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { itemsTexts } from '#texts/items.ts';
import { type ItemsSearch, LONGEST_SEARCH, NEWEST_FIRST, sorts } from '../api/items-search.ts';

const sortOptions = sorts.map((value) => ({ value, text: itemsTexts.sorts[value] }));
const ownerOptions = [
  { value: 'everybody', text: itemsTexts.everybodys },
  { value: 'mine', text: itemsTexts.mine },
] as const;

export function ItemsTools({
  search: { q = '', sort = NEWEST_FIRST, owner },
  onChange,
}: {
  search: ItemsSearch;
  onChange: (next: Partial<ItemsSearch>) => void;
}) {
  const { is_superuser } = useCurrentUser();
  return (
    <div className="mb-4 flex flex-wrap gap-3">
      <SearchField
        label={itemsTexts.search}
        value={q}
        maxLength={LONGEST_SEARCH}
        onSearch={(text) => onChange({ q: text || undefined })}
      />
      {is_superuser && (
        <Select
          label={itemsTexts.whose}
          value={owner ?? 'everybody'}
          options={ownerOptions}
          onChange={(value) => onChange({ owner: value === 'mine' ? value : undefined })}
        />
      )}
      <Select
        label={itemsTexts.sortBy}
        value={sort}
        options={sortOptions}
        onChange={(value) => onChange({ sort: value === NEWEST_FIRST ? undefined : value })}
      />
    </div>
  );
}
