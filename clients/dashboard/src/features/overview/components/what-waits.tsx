import type { StatusPublic } from '@quartet/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Table } from '#components/ui/table.tsx';
import { shortDuration } from '#lib/time.ts';
import { paths } from '#paths.ts';
import { overviewTexts } from '#texts/overview.ts';
import type { StatusOverTime } from '../api/read-status.ts';
import { Chart } from './chart.tsx';

type Row = {
  key: string;
  name: string;
  shown?: ReactNode;
  waiting: number | undefined;
  note?: string;
  oldest: number | null | undefined;
};

const linkLook = 'underline underline-offset-2 hover:text-accent';

export function WhatWaits({ seen: { status, samples } }: { seen: StatusOverTime }) {
  return (
    <Table
      caption={overviewTexts.waitsCaption}
      rows={rowsOf(status)}
      keyOf={({ key }) => key}
      columns={[
        {
          key: 'what',
          header: overviewTexts.what,
          cell: ({ name, shown, note }) => (
            <>
              {shown ?? name}
              {note !== undefined && <span className="block text-muted text-xs">{note}</span>}
            </>
          ),
        },
        {
          key: 'waiting',
          header: overviewTexts.waiting,
          className: 'text-right tabular-nums',
          cell: ({ waiting }) =>
            waiting === undefined ? <span className="text-muted">{overviewTexts.unknown}</span> : waiting,
        },
        {
          key: 'oldest',
          header: overviewTexts.oldest,
          className: 'whitespace-nowrap text-right tabular-nums',
          cell: ({ oldest }) => (oldest == null ? '–' : shortDuration(oldest)),
        },
        {
          key: 'chart',
          header: overviewTexts.lastMinutes,
          isMinor: true,
          className: 'w-0 whitespace-nowrap',
          cell: ({ key, name }) => <Chart name={name} of={key} samples={samples} isFromZero />,
        },
      ]}
    />
  );
}

function rowsOf({ outboxes, consumers, emails, dead_letters }: StatusPublic): Row[] {
  return [
    ...outboxes.map(({ service, waiting, oldest_age_seconds }) => ({
      key: `outbox ${service}`,
      name: overviewTexts.outbox(service),
      waiting,
      oldest: oldest_age_seconds,
    })),
    ...consumers.map(({ service, pending, ack_pending, redelivered, oldest_age_seconds }) => ({
      key: `consumer ${service}`,
      name: overviewTexts.consumer(service),
      waiting: pending + ack_pending,
      ...(ack_pending > 0 ? { note: overviewTexts.inFlight(ack_pending, redelivered) } : {}),
      oldest: oldest_age_seconds,
    })),
    {
      key: 'emails',
      name: overviewTexts.emails,
      shown: (
        <Link to={paths.emails} search={{ status: 'queued' }} className={linkLook}>
          {overviewTexts.emails}
        </Link>
      ),
      waiting: emails?.waiting,
      oldest: emails?.oldest_age_seconds,
    },
    {
      key: 'dead_letters',
      name: overviewTexts.letters,
      shown: (
        <Link to={paths.deadLetters} className={linkLook}>
          {overviewTexts.letters}
        </Link>
      ),
      waiting: dead_letters?.waiting,
      oldest: dead_letters?.oldest_age_seconds,
    },
  ];
}
