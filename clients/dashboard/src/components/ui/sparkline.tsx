import { classes } from './classes.ts';

const WIDTH = 120;
const HEIGHT = 28;
const EDGE = 2;

/** A small chart of the last numbers; null leaves a gap. The newest is on the right. */
export function Sparkline({
  label,
  values,
  most,
  isFromZero = false,
  className,
}: {
  /** For who does not see it. */
  label: string;
  values: readonly (number | null)[];
  /** How many numbers the width holds. */
  most: number;
  /** Otherwise the chart shows how the numbers move, not how high they are. */
  isFromZero?: boolean;
  className?: string;
}) {
  const known = values.filter((value) => value !== null);
  const [lowest, highest] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [0, 0];
  // A number that does not move is a line in the middle.
  const room = Math.max(1, (highest - lowest) / 5);
  const [floor, ceiling] = isFromZero ? [0, Math.max(highest, 1)] : [lowest - room, highest + room];
  const step = (WIDTH - 2 * EDGE) / (most - 1);
  const points = values.map((value, at) =>
    value === null
      ? undefined
      : {
          x: WIDTH - EDGE - (values.length - 1 - at) * step,
          y: HEIGHT - EDGE - ((value - floor) / (ceiling - floor)) * (HEIGHT - 2 * EDGE),
        },
  );
  const last = points.at(-1);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={classes('block h-7 w-30 overflow-visible text-accent', className)}
    >
      <path d={`M0 ${HEIGHT - EDGE}H${WIDTH}`} className="stroke-line" vectorEffect="non-scaling-stroke" />
      <path
        d={pathOf(points)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {last && (
        <path
          d={`M${last.x} ${last.y}h0.01`}
          stroke="currentColor"
          strokeWidth="5"
          strokeLinecap="round"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  );
}

function pathOf(points: readonly ({ x: number; y: number } | undefined)[]): string {
  let isGap = true;
  return points
    .map((point) => {
      if (!point) {
        isGap = true;
        return '';
      }
      const command = `${isGap ? 'M' : 'L'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
      isGap = false;
      return command;
    })
    .join('');
}
