import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { Page } from '#components/ui/page.tsx';
import { Pager } from '#components/ui/pager.tsx';
import { Select } from '#components/ui/select.tsx';
import { SkeletonRows } from '#components/ui/skeleton.tsx';
import { Toolbar } from '#components/ui/toolbar.tsx';
import { PAGE_SIZE, pageSummary } from '#lib/list-query.ts';
import { useCursors } from '#lib/use-cursors.ts';
import { paths } from '#paths.ts';
import { emailsTexts } from '#texts/emails.ts';
import { lists } from '#texts/lists.ts';
import { useEmails } from '../api/read-emails.ts';
import { type EmailsSearch, statuses } from '../emails-search.ts';
import { EmailsTable } from './emails-table.tsx';
import { FindEmail } from './find-email.tsx';

export function EmailsPage() {
  const search = useSearch({ from: '/signed-in/administration/emails' });
  const navigate = useNavigate();
  const change = (changes: Partial<EmailsSearch>) =>
    void navigate({ to: paths.emails, search: { ...search, ...changes }, replace: true, resetScroll: false });
  return (
    <Page title={emailsTexts.title}>
      <Toolbar label={lists.filters}>
        <FindEmail key={search.to} to={search.to} onFind={(to) => change({ to })} />
        <Select
          label={emailsTexts.status}
          value={search.status ?? 'any'}
          options={[
            { value: 'any', text: emailsTexts.anyStatus },
            ...statuses.map((value) => ({ value, text: emailsTexts.statuses[value] })),
          ]}
          onChange={(status) => change({ status: status === 'any' ? undefined : status })}
        />
      </Toolbar>
      <EmailsList search={search} onClear={() => void navigate({ to: paths.emails, replace: true })} />
    </Page>
  );
}

function EmailsList({ search, onClear }: { search: EmailsSearch; onClear: () => void }) {
  const { page, next: goTo, previous } = useCursors();
  const skip = (page - 1) * PAGE_SIZE;
  const { data: emails } = useEmails(search, skip);
  if (!emails) return <SkeletonRows />;
  const { data, count } = emails;
  if (data.length === 0 && page === 1) return <NoEmails search={search} onClear={onClear} />;
  const next = skip + PAGE_SIZE;
  return (
    <>
      <EmailsTable emails={data} />
      <Pager
        summary={pageSummary(page, data.length, count)}
        page={page}
        onPrevious={page > 1 ? previous : undefined}
        onNext={next < count ? () => goTo(String(next)) : undefined}
      />
    </>
  );
}

function NoEmails({ search: { to, status }, onClear }: { search: EmailsSearch; onClear: () => void }) {
  if (to === undefined && status === undefined) {
    return <EmptyState title={emailsTexts.none} hint={emailsTexts.noneHint} />;
  }
  const clear = <Button onClick={onClear}>{lists.clear}</Button>;
  if (status !== undefined && to === undefined) {
    return <EmptyState title={emailsTexts.noneOfStatus(emailsTexts.statuses[status])}>{clear}</EmptyState>;
  }
  if (status !== undefined) {
    return (
      <EmptyState title={lists.nothingFound} hint={lists.nothingFoundHint}>
        {clear}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={emailsTexts.noneTo(to ?? '')} hint={emailsTexts.noneToHint}>
      {clear}
    </EmptyState>
  );
}
