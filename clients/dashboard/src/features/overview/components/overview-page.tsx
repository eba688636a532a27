import { Page } from '#components/ui/page.tsx';
import { administrationTexts } from '#texts/administration.ts';

export function OverviewPage() {
  return <Page title={administrationTexts.title}>{null}</Page>;
}
