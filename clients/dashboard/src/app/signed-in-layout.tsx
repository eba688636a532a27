import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { Menu } from '#components/ui/menu.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { appearances, setAppearance } from '#lib/appearance.ts';
import { currentUserQuery, useCurrentUser } from '#lib/current-user.ts';
import { textOf } from '#lib/errors.ts';
import { useLive } from '#lib/live.ts';
import { logOut } from '#lib/session.ts';
import { paths } from '#paths.ts';
import { common } from '#texts/common.ts';

const linkLook =
  'flex min-h-10 items-center rounded-md px-3 text-sm font-medium hover:bg-raised aria-[current=page]:bg-raised aria-[current=page]:text-accent';

export function SignedInLayout() {
  const user = useCurrentUser();
  const queries = useQueryClient();
  // It also leads to the login when the session ends elsewhere.
  useLive(({ type, data }) => {
    const isOwn = type === 'user.updated' && data.user_id === user.id;
    if (isOwn || type === 'reset') void queries.invalidateQueries(currentUserQuery);
  });
  return (
    <>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
          <Link to={paths.items} className="font-semibold max-sm:hidden">
            {common.product}
          </Link>
          <nav aria-label={common.navigation} className="-ml-3 flex flex-wrap items-center sm:ml-0">
            <Link to={paths.items} className={linkLook}>
              {common.items}
            </Link>
            <Link to={paths.me} className={linkLook}>
              {common.me}
            </Link>
            {user.is_superuser && (
              <Link to={paths.administration} className={linkLook}>
                {common.administration}
              </Link>
            )}
          </nav>
          <div className="ml-auto min-w-0 sm:-mr-4">
            <AccountMenu email={user.email} />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-6">
        <Outlet />
      </main>
    </>
  );
}

function AccountMenu({ email }: { email: string }) {
  const entries = [
    ...appearances.map((each) => ({
      label: `${common.appearance}: ${common.appearances[each]}`,
      onSelect: () => setAppearance(each),
    })),
    {
      label: common.logOut,
      onSelect: () => void logOut().catch((err: unknown) => showToast({ text: textOf(err) })),
    },
  ];
  return (
    <Menu label={`${common.account}: ${email}`} entries={entries}>
      <span className="max-w-[40vw] truncate max-sm:hidden">{email}</span>
      <span aria-hidden="true">▾</span>
    </Menu>
  );
}
