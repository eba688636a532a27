import type { UserPublic } from '@quartet/client';
import { Confirm } from '#components/ui/confirm.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { usersTexts } from '#texts/users.ts';
import { useDeleteUser } from '../api/delete-user.ts';

export function DeleteUser({
  user: { id, email },
  onDeleted,
  onClose,
}: {
  user: UserPublic;
  onDeleted?: () => Promise<void>;
  onClose: () => void;
}) {
  const { mutateAsync: deleteUser } = useDeleteUser();
  return (
    <Confirm
      title={usersTexts.deleteTitle(email)}
      action={usersTexts.deleteAction}
      busyText={usersTexts.deleting}
      onClose={onClose}
      onConfirm={async () => {
        await deleteUser(id);
        showToast({ text: usersTexts.deleted(email) });
        await onDeleted?.();
      }}
    >
      <p className="text-sm">{usersTexts.deleteHint}</p>
    </Confirm>
  );
}
