import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { Json } from '#components/ui/json.tsx';
import { Page } from '#components/ui/page.tsx';
import { SearchField } from '#components/ui/search-field.tsx';
import { Toolbar } from '#components/ui/toolbar.tsx';
import { common } from '#texts/common.ts';
import { eventsTexts } from '#texts/events.ts';
import { lists } from '#texts/lists.ts';
import { MOST_EVENTS, type SeenEvent, useEvents } from '../api/use-events.ts';
import { EventsTable } from './events-table.tsx';

export function EventsPage() {
  const { events, waiting, isPaused, pause, goOn, clear } = useEvents();
  const [text, setText] = useState('');
  const [opened, setOpened] = useState<SeenEvent>();
  const found = events.filter(({ event }) => JSON.stringify(event).includes(text));
  return (
    <Page title={eventsTexts.title}>
      <p className="-mt-4 mb-4 text-muted text-sm">{eventsTexts.hint}</p>
      <Toolbar label={lists.filters}>
        <SearchField label={eventsTexts.search} value={text} maxLength={100} onSearch={setText} />
        {isPaused ? (
          <Button kind="primary" className="h-10.5" onClick={goOn}>
            {eventsTexts.goOn(waiting)}
          </Button>
        ) : (
          <Button className="h-10.5" onClick={pause}>
            {eventsTexts.pause}
          </Button>
        )}
        <Button className="h-10.5" disabled={events.length + waiting === 0} onClick={clear}>
          {eventsTexts.clear}
        </Button>
      </Toolbar>
      {events.length === 0 && <EmptyState title={eventsTexts.none} hint={eventsTexts.noneHint} />}
      {events.length > 0 && found.length === 0 && (
        <EmptyState title={lists.nothingFound} hint={lists.nothingFoundHint} />
      )}
      {found.length > 0 && <EventsTable events={found} onOpen={setOpened} />}
      <p role="status" className="mt-3 text-muted text-sm">
        {found.length > 0 && eventsTexts.seen(found.length)}
        {events.length === MOST_EVENTS && ` ${eventsTexts.most(MOST_EVENTS)}`}
      </p>
      {opened && (
        <Dialog title={opened.event.type} isWide onClose={() => setOpened(undefined)}>
          <Json label={eventsTexts.json} value={opened.event} />
          <div className="mt-4 flex justify-end">
            <Button onClick={() => setOpened(undefined)}>{common.close}</Button>
          </div>
        </Dialog>
      )}
    </Page>
  );
}
