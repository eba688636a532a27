import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Table } from '#components/ui/table.tsx';
import { textOf } from '#lib/errors.ts';
import { common } from '#texts/common.ts';
import { lists } from '#texts/lists.ts';
import { usersTexts } from '#texts/users.ts';
import type { UserForm } from '../user-form.ts';

/** Both versions side by side; without a decision the form stays as it is. */
export function ChangedMeanwhile({
  mine,
  theirs,
  onKeepMine,
  onTakeTheirs,
  onClose,
}: {
  mine: UserForm;
  theirs: UserForm;
  onKeepMine: () => Promise<void>;
  onTakeTheirs: () => void;
  onClose: () => void;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  async function keepMine(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await onKeepMine();
    } catch (err) {
      setError(textOf(err));
    }
    setBusy(false);
  }
  const shown = (value: string | boolean) =>
    typeof value === 'boolean' ? (value ? lists.yes : lists.no) : value || `(${usersTexts.empty})`;
  const rows = [
    { field: usersTexts.email, mine: mine.email, theirs: theirs.email },
    { field: usersTexts.fullName, mine: mine.fullName, theirs: theirs.fullName },
    { field: usersTexts.superuser, mine: mine.isSuperuser, theirs: theirs.isSuperuser },
  ];
  const look = 'wrap-anywhere';
  return (
    <Dialog title={usersTexts.conflict} onClose={onClose}>
      <div className="space-y-4">
        <p className="text-sm">{usersTexts.conflictHint}</p>
        {error !== undefined && <Notice kind="danger">{error}</Notice>}
        <Table
          caption={usersTexts.conflict}
          rows={rows}
          keyOf={({ field }) => field}
          columns={[
            { key: 'field', header: usersTexts.field, cell: ({ field }) => field, className: 'text-muted' },
            { key: 'yours', header: usersTexts.yours, cell: (row) => shown(row.mine), className: look },
            {
              key: 'theirs',
              header: usersTexts.theirs,
              className: look,
              cell: (row) =>
                row.mine === row.theirs ? shown(row.theirs) : <strong>{shown(row.theirs)}</strong>,
            },
          ]}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button onClick={onTakeTheirs}>{usersTexts.takeTheirs}</Button>
          <Button kind="primary" isBusy={isBusy} busyText={usersTexts.saving} onClick={keepMine}>
            {usersTexts.keepMine}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
