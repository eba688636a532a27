/** Shown as text, whatever is in it; it scrolls by itself, also by keyboard. */
export function Json({ label, value }: { label: string; value: unknown }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="max-h-96 overflow-auto rounded-md bg-raised p-3">
      <pre className="font-mono text-xs">{text}</pre>
    </section>
  );
}
