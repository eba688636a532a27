import type { UserPublic } from '@quartet/client';
import { useState } from 'react';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card } from '#components/ui/card.tsx';
import { Confirm } from '#components/ui/confirm.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { Table } from '#components/ui/table.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { textOf } from '#lib/errors.ts';
import { programOf } from '#lib/user-agent.ts';
import { usersTexts } from '#texts/users.ts';
import { useEndSessions } from '../api/end-sessions.ts';
import { useSessions } from '../api/read-sessions.ts';

function programText(userAgent: string | null): string {
  const { browser = usersTexts.unknownBrowser, system } = programOf(userAgent);
  return system === undefined ? browser : usersTexts.on(browser, system);
}

export function UserSessions({ user, isSelf }: { user: UserPublic; isSelf: boolean }) {
  const { data: sessions, error } = useSessions(user.id);
  const { mutateAsync: endSessions } = useEndSessions(user.id);
  const [asks, setAsks] = useState(false);
  const hasSome = sessions !== undefined && sessions.count > 0;
  return (
    <Card
      title={usersTexts.sessions}
      actions={hasSome && !isSelf && <Button onClick={() => setAsks(true)}>{usersTexts.endSessions}</Button>}
    >
      {error && <Notice kind="danger">{textOf(error)}</Notice>}
      {!sessions && !error && <Skeleton className="h-24" />}
      {sessions?.count === 0 && <p className="text-muted text-sm">{usersTexts.noSessions}</p>}
      {hasSome && (
        <Table
          caption={usersTexts.sessionsCaption}
          rows={sessions.data}
          keyOf={({ id }) => id}
          columns={[
            {
              key: 'browser',
              header: usersTexts.browser,
              cell: ({ user_agent, is_current }) => (
                <span className="flex flex-wrap items-center gap-2" title={user_agent ?? undefined}>
                  {programText(user_agent)}
                  {is_current && <Badge>{usersTexts.thisSession}</Badge>}
                </span>
              ),
            },
            { key: 'address', header: usersTexts.address, cell: ({ ip_address }) => ip_address },
            {
              key: 'used',
              header: usersTexts.lastUsed,
              cell: ({ last_used_at }) => <TimeAgo at={last_used_at} />,
            },
          ]}
        />
      )}
      {asks && (
        <Confirm
          title={usersTexts.endSessionsTitle(user.email)}
          action={usersTexts.endSessions}
          busyText={usersTexts.endingSessions}
          onClose={() => setAsks(false)}
          onConfirm={async () => {
            await endSessions();
            showToast({ text: usersTexts.sessionsEnded });
          }}
        >
          <p className="text-sm">{usersTexts.endSessionsHint}</p>
        </Confirm>
      )}
    </Card>
  );
}
