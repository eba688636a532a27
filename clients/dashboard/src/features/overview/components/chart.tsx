import { Sparkline } from '#components/ui/sparkline.tsx';
import { overviewTexts } from '#texts/overview.ts';
import type { Sample } from '../api/read-status.ts';

/** About five minutes of samples. */
const SHOWN = 75;

export function Chart({
  name,
  of,
  samples,
  isFromZero,
  className,
}: {
  name: string;
  of: string;
  samples: readonly Sample[];
  isFromZero?: boolean;
  className?: string;
}) {
  const values = samples.slice(-SHOWN).map((sample) => sample[of] ?? null);
  const known = values.filter((value) => value !== null);
  const now = values.at(-1)?.toString() ?? overviewTexts.unknown;
  const [least, most] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [0, 0];
  return (
    <Sparkline
      label={overviewTexts.chart(name, least, most, now)}
      values={values}
      most={SHOWN}
      isFromZero={isFromZero ?? false}
      {...(className === undefined ? {} : { className })}
    />
  );
}
