import { type ReactNode, useMemo, useState } from 'react';
import { type Change, type ChangeList } from '@astro/contracts';
import { Button, Group } from '@mantine/core';
import { DataTable, type TablePaging } from '@astro/web-ui';
import { useMe } from '../../features/session/session-context.js';
import { toggleFreeze, useFrozenAt } from '../../shared/freeze.js';
import { changeColumns } from './columns.js';
import { useSteadyList } from './use-steady-list.js';

interface LiveChangesProps {
  readonly list: ChangeList;
  /** Names the question that `list` answers. */
  readonly question: string;
  /** False while `list` still answers the question before. */
  readonly isSettled: boolean;
  readonly openHref: (change: Change) => string;
  readonly onOpen: (change: Change) => void;
  /** From the list as it is shown: while it is held, the newest answer ends elsewhere. */
  readonly pagingOf?: (list: ChangeList) => TablePaging;
  /** What stands below it, of the list as it is shown. */
  readonly below?: (list: ChangeList) => ReactNode;
}

/** Changes as they come. While the pointer or the focus is on the list its rows stay, and new ones wait in a button. */
export function LiveChanges({ list, question, isSettled, openHref, onOpen, pagingOf, below }: LiveChangesProps) {
  const { role } = useMe();
  const [isPointedAt, setPointedAt] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const steady = useSteadyList({ fresh: list, question, isSettled, isHeld: isPointedAt || isFocused });
  const takeNew = (): void => {
    steady.takeNew();
    // The button goes away, and with it the focus.
    setFocused(false);
  };
  const columns = useMemo(() => changeColumns({ role, openHref }), [role, openHref]);
  return (
    <div
      onMouseEnter={() => setPointedAt(true)}
      onMouseLeave={() => setPointedAt(false)}
      onFocus={() => setFocused(true)}
      onBlur={(event) => setFocused(event.currentTarget.contains(event.relatedTarget))}
    >
      <DataTable
        name="Changes"
        columns={columns}
        rows={steady.list.items}
        rowId={({ id }) => id}
        onOpen={onOpen}
        isRefreshing={!isSettled}
        {...(pagingOf && { paging: pagingOf(steady.list) })}
        tools={<LiveTools newCount={steady.newCount} onTake={takeNew} />}
      />
      {below?.(steady.list)}
    </div>
  );
}

function LiveTools({ newCount, onTake }: { readonly newCount: string | null; readonly onTake: () => void }) {
  const isFrozen = useFrozenAt() !== null;
  return (
    <Group gap="sm">
      <Button variant="default" size="xs" aria-pressed={isFrozen} onClick={toggleFreeze}>
        {isFrozen ? 'Resume' : 'Freeze'}
      </Button>
      {newCount !== null && (
        <Button size="xs" onClick={onTake}>
          {newCount} new {newCount === '1' ? 'change' : 'changes'}
        </Button>
      )}
    </Group>
  );
}
