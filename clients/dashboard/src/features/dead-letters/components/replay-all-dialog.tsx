import type { DeadLetterPublic } from '@quartet/client';
import { useId } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { common } from '#texts/common.ts';
import { deadLettersTexts } from '#texts/dead-letters.ts';
import { type ReplayAll, useReplayAll } from '../api/replay-all.ts';

export function ReplayAllDialog({ letter, onClose }: { letter: DeadLetterPublic; onClose: () => void }) {
  const { state, start, stop } = useReplayAll(letter);
  const { step, ids, asked, error } = state;
  const isRunning = step === 'replaying';
  const canStart = step === 'found' || (step === 'stopped' && ids.length > 0);
  return (
    <Dialog title={deadLettersTexts.replayAll} onClose={isRunning ? stop : onClose}>
      <div className="space-y-4">
        <p className="wrap-anywhere rounded-md bg-raised p-3 text-sm">{letter.reason}</p>
        {error !== undefined && <Notice kind="danger">{error}</Notice>}
        <Progress state={state} />
        <div className="flex flex-wrap justify-end gap-2">
          {isRunning ? (
            <Button onClick={stop}>{deadLettersTexts.stop}</Button>
          ) : (
            <Button onClick={onClose}>{canStart ? common.cancel : common.close}</Button>
          )}
          {canStart && ids.length > 0 && (
            <Button kind="primary" onClick={start}>
              {asked === 0 ? deadLettersTexts.start(ids.length) : deadLettersTexts.goOn}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function Progress({ state: { step, ids, asked, gone } }: { state: ReplayAll }) {
  const labelId = useId();
  if (step === 'finding') return <Skeleton className="h-12" />;
  if (step === 'found') {
    return (
      <div role="status" className="space-y-1 text-sm">
        <p>{deadLettersTexts.found(ids.length)}</p>
        <p className="text-muted">{deadLettersTexts.foundHint}</p>
      </div>
    );
  }
  const replayed = asked - gone;
  return (
    <div className="space-y-2 text-sm">
      <div className="flex justify-between gap-4">
        <span id={labelId}>{deadLettersTexts.replaying}</span>
        <span className="text-muted tabular-nums">{deadLettersTexts.progress(asked, ids.length)}</span>
      </div>
      <progress
        aria-labelledby={labelId}
        value={asked}
        max={Math.max(ids.length, 1)}
        className="block h-2 w-full accent-accent"
      />
      <p role="status">
        {step === 'done' && deadLettersTexts.done(replayed)}
        {step === 'stopped' && deadLettersTexts.stopped(replayed, ids.length)}
        {step !== 'replaying' && gone > 0 && ` ${deadLettersTexts.gone(gone)}`}
      </p>
    </div>
  );
}
