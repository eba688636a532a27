import type { UserPublic } from '@quartet/client';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Card } from '#components/ui/card.tsx';
import { paths } from '#paths.ts';
import { usersTexts } from '#texts/users.ts';
import { DeleteUser } from './delete-user.tsx';
import { Deactivate, useActivate } from './set-active.tsx';

export function UserAccess({ user, isSelf }: { user: UserPublic; isSelf: boolean }) {
  const navigate = useNavigate();
  const [asks, setAsks] = useState<'delete' | 'deactivate'>();
  const { activate, isPending } = useActivate(user);
  const close = () => setAsks(undefined);
  return (
    <Card title={usersTexts.access}>
      <p className="mb-4 text-muted text-sm">{isSelf ? usersTexts.ownAccountHint : usersTexts.accessHint}</p>
      {!isSelf && (
        <div className="flex flex-wrap gap-2">
          {user.is_active ? (
            <Button onClick={() => setAsks('deactivate')}>{usersTexts.deactivate}</Button>
          ) : (
            <Button isBusy={isPending} onClick={activate}>
              {usersTexts.activate}
            </Button>
          )}
          <Button kind="danger" onClick={() => setAsks('delete')}>
            {usersTexts.deleteAction}
          </Button>
        </div>
      )}
      {asks === 'deactivate' && <Deactivate user={user} onClose={close} />}
      {asks === 'delete' && (
        <DeleteUser user={user} onClose={close} onDeleted={() => navigate({ to: paths.users })} />
      )}
    </Card>
  );
}
