import { type ReactNode, useEffect, useId, useRef } from 'react';
import { classes } from './classes.ts';

/**
 * The browser's modal dialog: it keeps the focus inside, closes by Escape, and gives the focus back. It needs no
 * style element, which the policy of the page would refuse. Mount it to open it.
 */
export function Dialog({
  title,
  onClose,
  isWide = false,
  children,
}: {
  title: string;
  onClose: () => void;
  isWide?: boolean;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      // What opened it may be gone, such as the row that was deleted.
      const next = before?.isConnected ? before : document.querySelector('h1');
      if (next instanceof HTMLElement) next.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className={classes(
        'm-auto max-w-[calc(100vw-2rem)] rounded-lg border border-line bg-surface p-6 text-text shadow-xl max-sm:p-4',
        isWide ? 'w-3xl' : 'w-lg',
      )}
    >
      <h2 id={titleId} className="mb-4 text-lg font-semibold">
        {title}
      </h2>
      {children}
    </dialog>
  );
}
