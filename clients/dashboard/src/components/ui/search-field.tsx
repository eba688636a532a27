import { useEffect, useEffectEvent, useId, useState } from 'react';
import { inputLook } from './field.tsx';

const PAUSE_MS = 250;

/** Calls `onSearch` when the person pauses, or presses Enter. */
export function SearchField({
  label,
  value,
  maxLength,
  onSearch,
}: {
  label: string;
  value: string;
  maxLength: number;
  onSearch: (text: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // Another page of the history has another search.
  if (shown !== value) {
    setShown(value);
    if (text.trim() !== value) setText(value);
  }
  const search = useEffectEvent(() => {
    if (text.trim() !== value) onSearch(text.trim());
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each letter begins the pause again
  useEffect(() => {
    const timer = setTimeout(search, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <search className="min-w-48 flex-1">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <input
        id={id}
        type="search"
        placeholder={label}
        maxLength={maxLength}
        value={text}
        onKeyDown={({ key }) => key === 'Enter' && search()}
        onChange={(event) => setText(event.target.value)}
        className={`${inputLook} h-10.5`}
      />
    </search>
  );
}
