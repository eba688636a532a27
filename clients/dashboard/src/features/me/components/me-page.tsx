import { Page } from '#components/ui/page.tsx';
import { meTexts } from '#texts/me.ts';
import { AddressSection } from './address-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { DeletionSection } from './deletion-section.tsx';
import { NameSection } from './name-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { SessionsSection } from './sessions-section.tsx';

export function MePage() {
  return (
    <Page title={meTexts.title}>
      <NameSection />
      <AddressSection />
      <PasswordSection />
      <AppearanceSection />
      <SessionsSection />
      <DeletionSection />
    </Page>
  );
}
