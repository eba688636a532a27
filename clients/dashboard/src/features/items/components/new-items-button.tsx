import { Button } from '#components/ui/button.tsx';
import { itemsTexts } from '#texts/items.ts';

/** Items of others come into the list only by a press, so that nothing jumps under the pointer. */
export function NewItemsButton({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <div role="status" className="pointer-events-none sticky top-2 z-5 flex h-0 justify-center">
      {count > 0 && (
        <Button kind="primary" className="pointer-events-auto -mt-2 h-10 shadow-lg" onClick={onShow}>
          {itemsTexts.newItems(count)} – {itemsTexts.show}
        </Button>
      )}
    </div>
  );
}
