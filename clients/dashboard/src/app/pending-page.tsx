import { SkeletonRows } from '#components/ui/skeleton.tsx';

export function PendingPage() {
  return (
    <div className="mx-auto max-w-6xl px-4 py-6">
      <SkeletonRows />
    </div>
  );
}
