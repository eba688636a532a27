import { useId } from 'react';
import { Section } from '#components/ui/section.tsx';
import { appearances, setAppearance, useAppearance } from '#lib/appearance.ts';
import { common } from '#texts/common.ts';
import { meTexts } from '#texts/me.ts';

export function AppearanceSection() {
  const chosen = useAppearance();
  const name = useId();
  return (
    <Section title={meTexts.appearance} hint={meTexts.appearanceHint}>
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">{meTexts.appearance}</legend>
        {appearances.map((each) => (
          <label
            key={each}
            className="flex min-h-10 cursor-pointer items-center gap-2 rounded-md border border-edge bg-surface px-4 text-sm has-checked:border-accent has-checked:text-accent"
          >
            <input
              type="radio"
              name={name}
              checked={chosen === each}
              onChange={() => setAppearance(each)}
              className="size-4 accent-accent"
            />
            {common.appearances[each]}
          </label>
        ))}
      </fieldset>
    </Section>
  );
}
