import type { UserPublic } from '@quartet/client';
import { Badge } from '#components/ui/badge.tsx';
import { usersTexts } from '#texts/users.ts';

export function UserBadges({ user, isSelf }: { user: UserPublic; isSelf: boolean }) {
  return (
    <span className="flex flex-wrap items-center gap-1">
      {user.is_active ? (
        <Badge kind="good">{usersTexts.active}</Badge>
      ) : (
        <Badge kind="danger">{usersTexts.inactive}</Badge>
      )}
      {user.is_superuser && <Badge kind="warning">{usersTexts.superuser}</Badge>}
      {!user.is_verified && <Badge>{usersTexts.notVerified}</Badge>}
      {isSelf && <Badge>{usersTexts.you}</Badge>}
    </span>
  );
}
