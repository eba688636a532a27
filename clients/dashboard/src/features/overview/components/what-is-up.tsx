import type { StatusPublic } from '@quartet/client';
import { Badge } from '#components/ui/badge.tsx';
import { Table } from '#components/ui/table.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { overviewTexts } from '#texts/overview.ts';

type Replica = StatusPublic['services'][number]['replicas'][number];
type Row = { service: string; replica: Replica | undefined };

export function WhatIsUp({ status: { services } }: { status: StatusPublic }) {
  const rows: Row[] = services.flatMap(({ name, replicas }) => {
    const known = replicas.length === 0 ? [undefined] : replicas;
    return known.map((replica) => ({ service: name, replica }));
  });
  return (
    <Table
      caption={overviewTexts.upCaption}
      rows={rows}
      keyOf={({ service, replica }) => replica?.id ?? service}
      columns={[
        { key: 'service', header: overviewTexts.service, cell: ({ service }) => service },
        {
          key: 'state',
          header: overviewTexts.state,
          cell: ({ replica }) => <State replica={replica} />,
        },
        {
          key: 'version',
          header: overviewTexts.version,
          className: 'tabular-nums',
          cell: ({ replica }) => replica?.version ?? '–',
        },
        {
          key: 'replica',
          header: overviewTexts.replica,
          isMinor: true,
          cell: ({ replica }) => <code className="text-xs">{replica?.id.slice(0, 8) ?? '–'}</code>,
        },
        {
          key: 'since',
          header: overviewTexts.since,
          isMinor: true,
          cell: ({ replica }) => (replica ? <TimeAgo at={replica.started_at} /> : '–'),
        },
      ]}
    />
  );
}

function State({ replica }: { replica: Replica | undefined }) {
  if (!replica) return <Badge kind="danger">{overviewTexts.none}</Badge>;
  const { is_ready, problems, notes } = replica;
  const reasons = [...problems, ...notes];
  return (
    <>
      {is_ready === null && <Badge kind="warning">{overviewTexts.silent}</Badge>}
      {is_ready === false && <Badge kind="danger">{overviewTexts.unready}</Badge>}
      {is_ready === true && <Badge kind="good">{overviewTexts.ready}</Badge>}
      {reasons.length > 0 && <span className="mt-1 block text-muted text-xs">{reasons.join('; ')}</span>}
    </>
  );
}
