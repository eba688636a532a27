import * as Radix from '@radix-ui/react-dropdown-menu';
import { type ReactNode, useRef } from 'react';
import { buttonLook } from './button.tsx';
import { classes } from './classes.ts';

export type MenuEntry = { label: string; onSelect: () => void; isDanger?: boolean; isDisabled?: boolean };

/** A modal menu would add a style element to lock scrolling, which the policy of the page refuses. */
export function Menu({
  label,
  children,
  entries,
}: {
  /** What the button is for, when `children` is only a sign. */
  label?: string;
  children: ReactNode;
  entries: readonly MenuEntry[];
}) {
  const trigger = useRef<HTMLButtonElement>(null);
  const chosen = useRef<() => void>(undefined);
  /** The focus is on the button again before anything else happens: a dialog gives it back there. */
  function onClosed(event: Event): void {
    const run = chosen.current;
    chosen.current = undefined;
    if (!run) return;
    event.preventDefault();
    trigger.current?.focus();
    run();
  }
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger ref={trigger} aria-label={label} className={buttonLook('quiet')}>
        {children}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          sideOffset={4}
          onCloseAutoFocus={onClosed}
          className="z-10 min-w-40 rounded-md border border-line bg-surface p-1 shadow-lg"
        >
          {entries.map(({ label: text, onSelect, isDanger, isDisabled = false }) => (
            <Radix.Item
              key={text}
              onSelect={() => {
                chosen.current = onSelect;
              }}
              disabled={isDisabled}
              className={classes(
                'flex min-h-10 cursor-pointer items-center rounded px-3 text-sm data-highlighted:bg-raised',
                'data-disabled:cursor-not-allowed data-disabled:opacity-60',
                isDanger && 'text-danger',
              )}
            >
              {text}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
