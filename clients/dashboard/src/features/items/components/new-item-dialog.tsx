import { Dialog } from '#components/ui/dialog.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { itemsTexts } from '#texts/items.ts';
import { useCreateItem } from '../api/create-item.ts';
import { ItemForm } from './item-form.tsx';

export function NewItemDialog({ onClose }: { onClose: () => void }) {
  const { mutateAsync } = useCreateItem();
  return (
    <Dialog title={itemsTexts.newItem} onClose={onClose}>
      <ItemForm
        defaultValues={{ title: '', description: '' }}
        action={itemsTexts.create}
        busyText={itemsTexts.creating}
        onClose={onClose}
        submit={async (texts) => {
          const { title } = await mutateAsync(texts);
          showToast({ text: itemsTexts.created(title) });
          onClose();
        }}
      />
    </Dialog>
  );
}
