import { Page } from '#components/ui/page.tsx';
import { meTexts } from '#texts/me.ts';

export function MePage() {
  return <Page title={meTexts.title}>{null}</Page>;
}
