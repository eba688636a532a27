import type { UserPublic } from '@quartet/client';
import { Confirm } from '#components/ui/confirm.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { toastResult } from '#components/ui/toast-result.ts';
import { usersTexts } from '#texts/users.ts';
import { useUpdateUser } from '../api/update-user.ts';

/** Asks before it deactivates. */
export function Deactivate({ user: { id, email }, onClose }: { user: UserPublic; onClose: () => void }) {
  const { mutateAsync: update } = useUpdateUser(id);
  return (
    <Confirm
      title={usersTexts.deactivateTitle(email)}
      action={usersTexts.deactivate}
      onClose={onClose}
      onConfirm={async () => {
        await update({ changes: { is_active: false } });
        showToast({ text: usersTexts.deactivated(email) });
      }}
    >
      <p className="text-sm">{usersTexts.deactivateHint}</p>
    </Confirm>
  );
}

export function useActivate({ id, email }: Pick<UserPublic, 'id' | 'email'>) {
  const { mutateAsync: update, isPending } = useUpdateUser(id);
  const activate = () =>
    void toastResult(update({ changes: { is_active: true } }), usersTexts.activated(email));
  return { activate, isPending };
}
