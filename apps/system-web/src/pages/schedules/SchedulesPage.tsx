import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { DataTable, FilterChips, isMoving, TableSkeleton } from '@astro/web-ui';
import { listSchedulesOptions } from '../../generated/@tanstack/react-query.gen.js';
import { type ScheduleList } from '../../generated/index.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { SCHEDULE_COLUMNS } from './schedule-columns.js';

const route = getRouteApi('/schedules');

/** When data sets of mode scheduled are brought over. */
export function SchedulesPage() {
  const { dataSet } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useLiveQuery(listSchedulesOptions(), ({ items }) =>
    items.some(({ lastRun }) => lastRun !== null && isMoving(lastRun.state)),
  );
  const clear = (): void => void navigate({ search: { dataSet: undefined } });
  const labels = dataSet === undefined ? [] : [`Data set: ${dataSet}`];
  const rowsOf = ({ items }: ScheduleList) =>
    items.filter((schedule) => dataSet === undefined || schedule.dataSet === dataSet);
  return (
    <Stack>
      <PageHeader title="Schedules">
        A time that passes while a run is still going, or while the schedule is paused, is not made up.
      </PageHeader>
      <FilterChips chips={labels.map((label) => ({ id: label, label, onRemove: clear }))} onClear={clear} />
      <QueryView
        query={query}
        loadingLabel="Loading the schedules"
        skeleton={<TableSkeleton rows={4} />}
        isEmpty={(list) => rowsOf(list).length === 0}
        empty={{
          title: 'No schedule yet',
          text: 'A data set whose definition has the mode scheduled appears here with its times.',
        }}
        filters={{ labels, onClear: clear }}
      >
        {(list) => (
          <DataTable
            name="Schedules"
            columns={SCHEDULE_COLUMNS}
            rows={rowsOf(list)}
            rowId={(schedule) => schedule.dataSet}
          />
        )}
      </QueryView>
    </Stack>
  );
}
