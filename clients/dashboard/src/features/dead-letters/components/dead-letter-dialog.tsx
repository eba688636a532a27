import type { DeadLetterPublic } from '@quartet/client';
import type { ReactNode } from 'react';
import { Dialog } from '#components/ui/dialog.tsx';
import { Facts } from '#components/ui/facts.tsx';
import { Json } from '#components/ui/json.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { deadLettersTexts } from '#texts/dead-letters.ts';

/** @param children the buttons for it */
export function DeadLetterDialog({
  letter,
  onClose,
  children,
}: {
  letter: DeadLetterPublic;
  onClose: () => void;
  children: ReactNode;
}) {
  const { consumer, reason, attempts, event, first_seen_at, dead_at, history = [] } = letter;
  const isText = typeof event === 'string';
  return (
    <Dialog title={letter.subject} isWide onClose={onClose}>
      <div className="space-y-4">
        <Facts
          facts={[
            [deadLettersTexts.reason, reason],
            [deadLettersTexts.consumer, consumer],
            [deadLettersTexts.attempts, attempts],
            [deadLettersTexts.firstSeen, <TimeAgo key="first" at={first_seen_at} />],
            [deadLettersTexts.dead, <TimeAgo key="dead" at={dead_at} />],
          ]}
        />
        {history.length > 0 && (
          <section className="text-sm">
            <h3 className="font-medium">{deadLettersTexts.history}</h3>
            <ul className="mt-1 space-y-1 text-muted">
              {history.map((end) => (
                <li key={end.dead_at} className="wrap-anywhere">
                  <TimeAgo at={end.dead_at} />: {end.reason}
                </li>
              ))}
            </ul>
          </section>
        )}
        <section>
          <h3 className="mb-1 font-medium text-sm">
            {isText ? deadLettersTexts.eventText : deadLettersTexts.eventJson}
          </h3>
          <Json label={isText ? deadLettersTexts.eventText : deadLettersTexts.eventJson} value={event} />
        </section>
        <div className="flex flex-wrap justify-end gap-2 max-sm:*:grow">{children}</div>
      </div>
    </Dialog>
  );
}
