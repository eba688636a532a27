import type { DeadLetterPublic } from '@quartet/client';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
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
import { deadLettersTexts } from '#texts/dead-letters.ts';
import { lists } from '#texts/lists.ts';
import { useDeadLetters } from '../api/read-dead-letters.ts';
import { type Asked, DeadLetterDialogs } from './dead-letter-dialogs.tsx';
import { DeadLettersTable } from './dead-letters-table.tsx';

export function DeadLettersPage() {
  const { consumer } = useSearch({ from: '/signed-in/administration/dead-letters' });
  const navigate = useNavigate();
  // It outlives its row, which leaves the list when another person replays it.
  const [asked, setAsked] = useState<{ letter: DeadLetterPublic; for: Asked }>();
  const choose = (next: string | undefined) =>
    void navigate({ to: paths.deadLetters, search: { consumer: next }, replace: true, resetScroll: false });
  return (
    <Page title={deadLettersTexts.title}>
      <p className="-mt-4 mb-4 max-w-prose text-muted text-sm">{deadLettersTexts.hint}</p>
      <DeadLettersList consumer={consumer} onChoose={choose} onAsk={setAsked} />
      {asked && (
        <DeadLetterDialogs
          key={asked.for}
          letter={asked.letter}
          asked={asked.for}
          onAsk={(next) => setAsked({ letter: asked.letter, for: next })}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Page>
  );
}

function DeadLettersList({
  consumer,
  onChoose,
  onAsk,
}: {
  consumer: string | undefined;
  onChoose: (consumer: string | undefined) => void;
  onAsk: (asked: { letter: DeadLetterPublic; for: Asked }) => void;
}) {
  const { page, next: goTo, previous } = useCursors();
  const skip = (page - 1) * PAGE_SIZE;
  const { data: letters } = useDeadLetters(consumer, skip);
  if (!letters) return <SkeletonRows />;
  const { data, count } = letters;
  const isEmpty = data.length === 0 && page === 1;
  if (isEmpty && consumer === undefined) {
    return <EmptyState title={deadLettersTexts.none} hint={deadLettersTexts.noneHint} />;
  }
  const consumers = new Set([...data.map((letter) => letter.consumer), ...(consumer ? [consumer] : [])]);
  const next = skip + PAGE_SIZE;
  return (
    <>
      <Toolbar label={lists.filters}>
        <Select
          label={deadLettersTexts.consumer}
          value={consumer ?? ''}
          options={[
            { value: '', text: deadLettersTexts.anyConsumer },
            ...[...consumers].toSorted().map((value) => ({ value, text: value })),
          ]}
          onChange={(chosen) => onChoose(chosen === '' ? undefined : chosen)}
        />
      </Toolbar>
      {isEmpty ? (
        <EmptyState title={deadLettersTexts.noneOf(consumer ?? '')}>
          <Button onClick={() => onChoose(undefined)}>{lists.clear}</Button>
        </EmptyState>
      ) : (
        <>
          <DeadLettersTable letters={data} onAsk={onAsk} />
          <Pager
            summary={pageSummary(page, data.length, count)}
            page={page}
            onPrevious={page > 1 ? previous : undefined}
            onNext={next < count ? () => goTo(String(next)) : undefined}
          />
        </>
      )}
    </>
  );
}
