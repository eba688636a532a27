import type { EmailPublic } from '@quartet/client';
import { Badge, type BadgeKind } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Table } from '#components/ui/table.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { toastResult } from '#components/ui/toast-result.ts';
import { emailsTexts } from '#texts/emails.ts';
import { useRetryEmail } from '../api/retry-email.ts';

const LOOKS: Record<EmailPublic['status'], BadgeKind> = {
  queued: 'warning',
  sent: 'good',
  failed: 'danger',
  cancelled: 'plain',
};

export function EmailsTable({ emails }: { emails: readonly EmailPublic[] }) {
  return (
    <Table
      caption={emailsTexts.caption}
      rows={emails}
      keyOf={({ id }) => id}
      columns={[
        {
          key: 'email',
          header: emailsTexts.email,
          className: 'max-w-[46vw] md:max-w-72',
          cell: ({ to, kind, subject }) => (
            <>
              <span className="block truncate font-medium" title={to}>
                {to}
              </span>
              <span className="block truncate text-muted" title={subject}>
                {emailsTexts.kinds[kind]}
              </span>
            </>
          ),
        },
        {
          key: 'status',
          header: emailsTexts.status,
          className: 'md:w-96',
          cell: (email) => <Status email={email} />,
        },
        {
          key: 'attempts',
          header: emailsTexts.attempts,
          isMinor: true,
          className: 'text-right tabular-nums',
          cell: ({ attempts }) => attempts,
        },
        {
          key: 'queued',
          header: emailsTexts.queuedAt,
          isMinor: true,
          cell: ({ created_at }) => <TimeAgo at={created_at} />,
        },
        {
          key: 'sent',
          header: emailsTexts.sentAt,
          isMinor: true,
          cell: ({ sent_at }) => (sent_at === null ? '–' : <TimeAgo at={sent_at} />),
        },
      ]}
    />
  );
}

function Status({ email }: { email: EmailPublic }) {
  const { status, last_error } = email;
  const why = last_error ?? (status === 'cancelled' ? emailsTexts.cancelledHint : undefined);
  return (
    <>
      <span className="flex flex-wrap items-center gap-3">
        <Badge kind={LOOKS[status]}>{emailsTexts.statuses[status]}</Badge>
        {status === 'failed' && <Retry email={email} />}
      </span>
      {why !== undefined && status !== 'sent' && (
        <span className="wrap-anywhere mt-1 line-clamp-3 text-muted text-xs" title={why}>
          {why}
        </span>
      )}
    </>
  );
}

function Retry({ email: { id, to } }: { email: EmailPublic }) {
  const { mutateAsync: retry, isPending } = useRetryEmail();
  return (
    <Button
      aria-label={emailsTexts.retryOf(to)}
      isBusy={isPending}
      className="min-h-8 px-3 py-1 whitespace-nowrap"
      onClick={() => void toastResult(retry(id), emailsTexts.queuedAgain(to))}
    >
      {emailsTexts.retry}
    </Button>
  );
}
