import { Skeleton } from '#components/ui/skeleton.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { itemsTexts } from '#texts/items.ts';
import { useOwner } from '../api/owner.ts';

export function ItemOwner({ id }: { id: string }) {
  const me = useCurrentUser();
  return me.id === id ? itemsTexts.you : <OtherOwner id={id} />;
}

function OtherOwner({ id }: { id: string }) {
  const email = useOwner(id);
  if (email === undefined) return <Skeleton className="h-5 w-32" />;
  return email === null ? (
    <span className="text-muted">{itemsTexts.ownerGone}</span>
  ) : (
    <span title={email}>{email}</span>
  );
}
