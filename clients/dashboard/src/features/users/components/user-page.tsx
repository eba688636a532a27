import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Card } from '#components/ui/card.tsx';
import { Page } from '#components/ui/page.tsx';
import { SkeletonRows } from '#components/ui/skeleton.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { listQuery } from '#lib/list-query.ts';
import { paths } from '#paths.ts';
import { usersTexts } from '#texts/users.ts';
import { userQuery } from '../api/read-user.ts';
import { EditUser } from './edit-user.tsx';
import { UserAccess } from './user-access.tsx';
import { UserBadges } from './user-badges.tsx';
import { UserSessions } from './user-sessions.tsx';

export function UserPage() {
  const { userId } = useParams({ from: '/signed-in/administration/users/$userId' });
  const { data: user } = useQuery({ ...userQuery(userId), throwOnError: listQuery.throwOnError });
  const self = useCurrentUser();
  if (!user) return <SkeletonRows />;
  const { value } = user;
  const isSelf = value.id === self.id;
  return (
    <>
      <Link to={paths.users} className="mb-2 inline-block text-accent text-sm underline">
        {usersTexts.allUsers}
      </Link>
      <Page title={value.email} actions={<UserBadges user={value} isSelf={isSelf} />}>
        <p className="-mt-4 mb-6 flex flex-wrap gap-x-4 text-muted text-sm">
          <span>
            {usersTexts.created} <TimeAgo at={value.created_at} />
          </span>
          <span>
            {usersTexts.changed} <TimeAgo at={value.updated_at} />
          </span>
        </p>
        <div className="space-y-4">
          <Card title={usersTexts.profile}>
            <EditUser key={value.id} user={user} isSelf={isSelf} />
          </Card>
          <UserSessions user={value} isSelf={isSelf} />
          <UserAccess user={value} isSelf={isSelf} />
        </div>
      </Page>
    </>
  );
}
