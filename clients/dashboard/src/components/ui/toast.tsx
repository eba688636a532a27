import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import { common } from '#texts/common.ts';
import { Button } from './button.tsx';

export type Toast = {
  text: string;
  action?: { label: string; run: () => void };
  /** It went without its action: its time was over, or it was closed. */
  onGone?: () => void;
};

const SHOWN_MS = 6_000;
/** Who reads slowly needs time for a button. */
const WITH_ACTION_MS = 12_000;

let toasts: readonly (Toast & { id: number })[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: typeof toasts): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Returns a function that takes it away, without `onGone`. */
export function showToast(toast: Toast): () => void {
  last += 1;
  const id = last;
  change([...toasts, { ...toast, id }]);
  return () => hide(id);
}

const hide = (id: number): void => change(toasts.filter((toast) => toast.id !== id));

/** Stands once, in the layout. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => toasts,
  );
  return (
    <section
      aria-label={common.notifications}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-10 flex flex-col items-center gap-2"
    >
      {shown.map((toast) => (
        <OneToast key={toast.id} toast={toast} onHide={() => hide(toast.id)} />
      ))}
    </section>
  );
}

function OneToast({ toast, onHide }: { toast: Toast; onHide: () => void }) {
  const { text, action, onGone } = toast;
  /** While the pointer or the focus is on it, it stays. */
  const [isHeld, setHeld] = useState(false);
  const go = useEffectEvent(() => {
    onHide();
    onGone?.();
  });
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(go, action ? WITH_ACTION_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, action]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: to be on it does nothing but give more time
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex max-w-full items-center gap-2 rounded-md border border-edge bg-surface py-1 pr-1 pl-4 text-sm shadow-lg"
    >
      <span className="py-2 wrap-anywhere">{text}</span>
      {action && (
        <Button
          kind="quiet"
          className="text-accent"
          onClick={() => {
            action.run();
            onHide();
          }}
        >
          {action.label}
        </Button>
      )}
      <Button
        kind="quiet"
        aria-label={common.close}
        onClick={() => {
          onHide();
          onGone?.();
        }}
      >
        <span aria-hidden="true">×</span>
      </Button>
    </div>
  );
}
