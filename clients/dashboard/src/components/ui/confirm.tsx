import { type ReactNode, useState } from 'react';
import { textOf } from '#lib/errors.ts';
import { common } from '#texts/common.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';

/** Asks once; it stays open, with the error, when the action fails. */
export function Confirm({
  title,
  children,
  action,
  busyText,
  onConfirm,
  onClose,
}: {
  title: string;
  children?: ReactNode;
  /** What the button says, such as "Delete the item". */
  action: string;
  busyText?: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  async function confirm(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (err) {
      setError(textOf(err));
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="space-y-4">
        {children}
        {error !== undefined && <Notice kind="danger">{error}</Notice>}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="danger" isBusy={isBusy} busyText={busyText ?? action} onClick={confirm}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
