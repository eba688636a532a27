import { useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { inputLook } from '#components/ui/field.tsx';
import { emailsTexts } from '#texts/emails.ts';

/** The API compares whole addresses, so it is asked when the address is complete. */
export function FindEmail({
  to,
  onFind,
}: {
  to: string | undefined;
  onFind: (to: string | undefined) => void;
}) {
  const id = useId();
  const [text, setText] = useState(to ?? '');
  return (
    <form
      noValidate
      className="flex min-w-56 flex-1 gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onFind(text.trim() === '' ? undefined : text.trim());
      }}
    >
      <label htmlFor={id} className="sr-only">
        {emailsTexts.find}
      </label>
      <input
        id={id}
        type="search"
        inputMode="email"
        autoComplete="off"
        spellCheck={false}
        maxLength={255}
        placeholder={emailsTexts.findHint}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${inputLook} h-10.5`}
      />
      <Button type="submit" className="h-10.5">
        {emailsTexts.findAction}
      </Button>
    </form>
  );
}
