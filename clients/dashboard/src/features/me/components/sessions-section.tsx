import type { SessionPublic } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Confirm } from '#components/ui/confirm.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Section } from '#components/ui/section.tsx';
import { SkeletonRows } from '#components/ui/skeleton.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { textOf } from '#lib/errors.ts';
import { useLive } from '#lib/live.ts';
import { programOf } from '#lib/user-agent.ts';
import { meTexts } from '#texts/me.ts';
import { sessionsQuery, useEndSessions } from '../api/sessions.ts';

function nameOf({ user_agent }: SessionPublic): string {
  const { browser, system } = programOf(user_agent);
  if (browser && system) return meTexts.on(browser, system);
  return browser ?? system ?? meTexts.unknownBrowser;
}

export function SessionsSection() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const { mutateAsync } = useEndSessions();
  const [ending, setEnding] = useState<SessionPublic | 'others'>();
  useLive(({ type }) => {
    if (type === 'user.logged-out' || type === 'reset') void refetch();
  });

  const sessions = data?.data ?? [];
  const current = sessions.filter(({ is_current }) => is_current);
  const others = sessions.filter(({ is_current }) => !is_current);
  const close = () => setEnding(undefined);
  return (
    <Section title={meTexts.sessions} hint={meTexts.sessionsHint}>
      {error && <Notice kind="danger">{textOf(error)}</Notice>}
      {!data && !error && <SkeletonRows rows={2} />}
      {data && (
        <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
          {[...current, ...others].map((session) => (
            <Session key={session.id} session={session} onEnd={() => setEnding(session)} />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <Button className="mt-4" onClick={() => setEnding('others')}>
          {meTexts.endOthers}
        </Button>
      )}
      {ending === 'others' && (
        <Confirm
          title={meTexts.endOthersQuestion}
          action={meTexts.endOthers}
          busyText={meTexts.ending}
          onClose={close}
          onConfirm={async () => {
            await mutateAsync(undefined);
            showToast({ text: meTexts.othersEnded });
          }}
        >
          <p>{meTexts.endOthersHint}</p>
        </Confirm>
      )}
      {ending !== undefined && ending !== 'others' && (
        <Confirm
          title={meTexts.endQuestion(nameOf(ending))}
          action={meTexts.endSession}
          busyText={meTexts.ending}
          onClose={close}
          onConfirm={async () => {
            await mutateAsync(ending.id);
            showToast({ text: meTexts.sessionEnded });
          }}
        >
          <p>{meTexts.endHint}</p>
        </Confirm>
      )}
    </Section>
  );
}

function Session({ session, onEnd }: { session: SessionPublic; onEnd: () => void }) {
  const { is_current, ip_address, last_used_at, user_agent } = session;
  const name = nameOf(session);
  return (
    <li className="flex min-h-16 items-center gap-4 px-4 py-2 text-sm">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          <span title={user_agent ?? undefined}>{name}</span>
          {is_current && <Badge kind="good">{meTexts.thisSession}</Badge>}
        </p>
        <p className="wrap-anywhere text-muted">
          {ip_address}, <TimeAgo at={last_used_at} />
        </p>
      </div>
      {!is_current && (
        <Button onClick={onEnd} aria-label={`${meTexts.end}: ${name}, ${ip_address}`}>
          {meTexts.end}
        </Button>
      )}
    </li>
  );
}
