import type { DeadLetterPublic } from '@quartet/client';
import { Button } from '#components/ui/button.tsx';
import { Confirm } from '#components/ui/confirm.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { toastResult } from '#components/ui/toast-result.ts';
import { common } from '#texts/common.ts';
import { deadLettersTexts } from '#texts/dead-letters.ts';
import { useDiscardDeadLetter } from '../api/discard-dead-letter.ts';
import { useReplayDeadLetter } from '../api/replay-dead-letter.ts';
import { DeadLetterDialog } from './dead-letter-dialog.tsx';
import { ReplayAllDialog } from './replay-all-dialog.tsx';

export type Asked = 'letter' | 'discard' | 'replay-all';

export function DeadLetterDialogs({
  letter,
  asked,
  onAsk,
  onClose,
}: {
  letter: DeadLetterPublic;
  asked: Asked;
  onAsk: (next: Asked) => void;
  onClose: () => void;
}) {
  const { mutateAsync: replay } = useReplayDeadLetter();
  const { mutateAsync: discard } = useDiscardDeadLetter();
  if (asked === 'replay-all') return <ReplayAllDialog letter={letter} onClose={onClose} />;
  if (asked === 'discard') {
    return (
      <Confirm
        title={deadLettersTexts.discardTitle}
        action={deadLettersTexts.discardAction}
        busyText={deadLettersTexts.discarding}
        onClose={onClose}
        onConfirm={async () => {
          await discard(letter.id);
          showToast({ text: deadLettersTexts.discarded });
        }}
      >
        <p className="text-sm">{deadLettersTexts.discardHint(letter.consumer)}</p>
      </Confirm>
    );
  }
  return (
    <DeadLetterDialog letter={letter} onClose={onClose}>
      <Button onClick={onClose}>{common.close}</Button>
      <Button onClick={() => onAsk('discard')}>{deadLettersTexts.discard}</Button>
      <Button onClick={() => onAsk('replay-all')}>{deadLettersTexts.replayAll}</Button>
      <Button
        kind="primary"
        onClick={() => {
          onClose();
          void toastResult(replay(letter.id), deadLettersTexts.replayed);
        }}
      >
        {deadLettersTexts.replay}
      </Button>
    </DeadLetterDialog>
  );
}
