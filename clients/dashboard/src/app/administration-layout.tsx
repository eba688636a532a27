import { Link, Outlet } from '@tanstack/react-router';
import { paths } from '#paths.ts';
import { administrationTexts } from '#texts/administration.ts';

const pages = [
  { to: paths.administration, label: administrationTexts.overview, isExact: true },
  { to: paths.users, label: administrationTexts.users },
  { to: paths.items, label: administrationTexts.items },
  { to: paths.emails, label: administrationTexts.emails },
  { to: paths.deadLetters, label: administrationTexts.deadLetters },
  { to: paths.events, label: administrationTexts.events },
] as const;

const linkLook =
  'flex min-h-10 items-center whitespace-nowrap border-b-2 border-transparent px-3 text-sm font-medium text-muted hover:text-text aria-[current=page]:border-accent aria-[current=page]:text-text';

export function AdministrationLayout() {
  return (
    <>
      <nav aria-label={administrationTexts.title} className="-mt-4 mb-6 flex flex-wrap border-b border-line">
        {pages.map(({ to, label, ...rest }) => (
          <Link key={to} to={to} activeOptions={{ exact: 'isExact' in rest }} className={linkLook}>
            {label}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}
