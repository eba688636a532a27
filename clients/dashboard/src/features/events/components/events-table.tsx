import { Link } from '@tanstack/react-router';
import { Table } from '#components/ui/table.tsx';
import { clockTime } from '#lib/time.ts';
import { paths } from '#paths.ts';
import { eventsTexts } from '#texts/events.ts';
import type { SeenEvent } from '../api/use-events.ts';

export function EventsTable({
  events,
  onOpen,
}: {
  events: readonly SeenEvent[];
  onOpen: (event: SeenEvent) => void;
}) {
  return (
    <Table
      caption={eventsTexts.caption}
      rows={events}
      keyOf={({ key }) => String(key)}
      columns={[
        {
          key: 'time',
          header: eventsTexts.time,
          className: 'w-0 whitespace-nowrap text-muted tabular-nums',
          cell: ({ at }) => <time dateTime={at}>{clockTime(at)}</time>,
        },
        {
          key: 'type',
          header: eventsTexts.type,
          cell: (seen) =>
            seen.event.type === 'reset' ? (
              eventsTexts.missed
            ) : (
              <>
                <button
                  type="button"
                  aria-label={eventsTexts.show(seen.event.type)}
                  className="min-h-8 text-left font-medium underline-offset-2 wrap-anywhere hover:underline"
                  onClick={() => onOpen(seen)}
                >
                  {seen.event.type}
                </button>
                <span className="block max-w-[45vw] text-muted md:hidden">
                  <About data={seen.event.data} />
                </span>
              </>
            ),
        },
        {
          key: 'about',
          header: eventsTexts.about,
          isMinor: true,
          className: 'max-w-[40vw]',
          cell: ({ event: { data } }) => <About data={data} />,
        },
      ]}
    />
  );
}

/** Whom and what it is about, as far as its names say so. */
function About({ data }: { data: Record<string, unknown> }) {
  const text = (name: string) => (typeof data[name] === 'string' ? data[name] : undefined);
  const userId = text('user_id') ?? text('owner_id');
  const name = text('title') ?? text('email') ?? text('item_id') ?? userId;
  if (userId === undefined) return <span className="block truncate">{name}</span>;
  return (
    <Link
      to={paths.user}
      params={{ userId }}
      className="block truncate underline-offset-2 hover:underline"
      title={`${eventsTexts.user} ${userId}`}
    >
      {name}
    </Link>
  );
}
