import { Page } from '#components/ui/page.tsx';
import { itemsTexts } from '#texts/items.ts';

export function ItemsPage() {
  return <Page title={itemsTexts.title}>{null}</Page>;
}
