import type { DeadLetterPublic } from '@quartet/client';
import { Menu } from '#components/ui/menu.tsx';
import { Table } from '#components/ui/table.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { toastResult } from '#components/ui/toast-result.ts';
import { deadLettersTexts } from '#texts/dead-letters.ts';
import { lists } from '#texts/lists.ts';
import { useReplayDeadLetter } from '../api/replay-dead-letter.ts';
import type { Asked } from './dead-letter-dialogs.tsx';

type OnAsk = (asked: { letter: DeadLetterPublic; for: Asked }) => void;

export function DeadLettersTable({ letters, onAsk }: { letters: readonly DeadLetterPublic[]; onAsk: OnAsk }) {
  return (
    <Table
      caption={deadLettersTexts.caption}
      rows={letters}
      keyOf={({ id }) => id}
      columns={[
        {
          key: 'event',
          header: deadLettersTexts.event,
          cell: (letter) => (
            <>
              <button
                type="button"
                className="wrap-anywhere text-left font-medium underline-offset-2 hover:underline"
                onClick={() => onAsk({ letter, for: 'letter' })}
              >
                {letter.subject}
              </button>
              <span className="block text-muted">{letter.consumer}</span>
              <span className="line-clamp-3 wrap-anywhere md:hidden">{letter.reason}</span>
            </>
          ),
        },
        {
          key: 'reason',
          header: deadLettersTexts.reason,
          isMinor: true,
          className: 'max-w-96',
          cell: ({ reason }) => (
            <span className="wrap-anywhere line-clamp-3" title={reason}>
              {reason}
            </span>
          ),
        },
        {
          key: 'attempts',
          header: deadLettersTexts.attempts,
          isMinor: true,
          className: 'text-right tabular-nums',
          cell: ({ attempts }) => attempts,
        },
        {
          key: 'dead',
          header: deadLettersTexts.dead,
          isMinor: true,
          cell: ({ dead_at }) => <TimeAgo at={dead_at} />,
        },
        {
          key: 'actions',
          header: <span className="sr-only">{lists.actions}</span>,
          className: 'w-0 px-2',
          cell: (letter) => <RowMenu letter={letter} onAsk={onAsk} />,
        },
      ]}
    />
  );
}

function RowMenu({ letter, onAsk }: { letter: DeadLetterPublic; onAsk: OnAsk }) {
  const { mutateAsync: replay, isPending } = useReplayDeadLetter();
  const entries = [
    { label: deadLettersTexts.show, onSelect: () => onAsk({ letter, for: 'letter' }) },
    {
      label: deadLettersTexts.replay,
      onSelect: () => void toastResult(replay(letter.id), deadLettersTexts.replayed),
      isDisabled: isPending,
    },
    { label: deadLettersTexts.replayAll, onSelect: () => onAsk({ letter, for: 'replay-all' }) },
    {
      label: deadLettersTexts.discard,
      onSelect: () => onAsk({ letter, for: 'discard' }),
      isDanger: true,
    },
  ];
  return (
    <Menu label={deadLettersTexts.actionsFor(letter.subject)} entries={entries}>
      <span aria-hidden="true">⋯</span>
    </Menu>
  );
}
