import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { itemsTexts } from '#texts/items.ts';

export function NoItems({
  isSearch,
  onCreate,
  onClear,
}: {
  isSearch: boolean;
  onCreate: () => void;
  onClear: () => void;
}) {
  if (isSearch) {
    return (
      <EmptyState title={itemsTexts.nothingFound} hint={itemsTexts.nothingFoundHint}>
        <Button onClick={onClear}>{itemsTexts.clearSearch}</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={itemsTexts.none} hint={itemsTexts.noneHint}>
      <Button onClick={onCreate}>{itemsTexts.newItem}</Button>
    </EmptyState>
  );
}
