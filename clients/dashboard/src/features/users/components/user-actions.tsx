import type { UserPublic } from '@quartet/client';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Menu } from '#components/ui/menu.tsx';
import { paths } from '#paths.ts';
import { usersTexts } from '#texts/users.ts';
import { DeleteUser } from './delete-user.tsx';
import { Deactivate, useActivate } from './set-active.tsx';

/** What a row of the list offers; nobody deactivates or deletes themselves. */
export function UserActions({ user, isSelf }: { user: UserPublic; isSelf: boolean }) {
  const navigate = useNavigate();
  const [asks, setAsks] = useState<'delete' | 'deactivate'>();
  const { activate } = useActivate(user);
  const close = () => setAsks(undefined);
  const entries = [
    {
      label: usersTexts.edit,
      onSelect: () => void navigate({ to: paths.user, params: { userId: user.id } }),
    },
    user.is_active
      ? {
          label: usersTexts.deactivate,
          onSelect: () => setAsks('deactivate'),
          isDisabled: isSelf,
        }
      : { label: usersTexts.activate, onSelect: activate },
    { label: usersTexts.delete, onSelect: () => setAsks('delete'), isDanger: true, isDisabled: isSelf },
  ];
  return (
    <>
      <Menu label={usersTexts.actionsFor(user.email)} entries={entries}>
        <span aria-hidden="true">⋯</span>
      </Menu>
      {asks === 'deactivate' && <Deactivate user={user} onClose={close} />}
      {asks === 'delete' && <DeleteUser user={user} onClose={close} />}
    </>
  );
}
