import { type DataSet } from '@astro/contracts';
import { type DataColumn, formatCount, StatusBadge, TextLink, TimeText } from '@astro/web-ui';
import { dataSetHref } from '../../shared/href.js';
import { LastRunText } from './LastRunText.js';
import { ENDPOINT_NAMES, lagWords, modeWords, rowsWords } from './words.js';

export const DATA_SET_COLUMNS: readonly DataColumn<DataSet>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ name }) => <TextLink href={dataSetHref(name)}>{name}</TextLink>,
    sortable: true,
  },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => <StatusBadge kind="data_set" status={status} />,
    sortable: true,
    onCard: true,
  },
  { id: 'lag', header: 'Lag', cell: lagWords, sortable: true, align: 'right', onCard: true },
  { id: 'mode', header: 'Mode', cell: modeWords, sortable: true },
  {
    id: 'lastRun',
    header: 'Last run',
    cell: ({ lastRun }) => <LastRunText run={lastRun} />,
    sortable: true,
    onCard: true,
  },
  {
    id: 'setAside',
    header: 'Keys set aside',
    cell: ({ setAsideKeys }) => formatCount(setAsideKeys),
    sortable: true,
    align: 'right',
    onCard: true,
  },
  { id: 'target', header: 'Goes to', cell: ({ target }) => ENDPOINT_NAMES[target], hidden: true },
  { id: 'rows', header: 'Rows', cell: ({ rows }) => rowsWords(rows, 'about'), align: 'right', hidden: true },
  {
    id: 'reportedAt',
    header: 'Reported',
    cell: ({ reportedAt }) => <TimeText at={reportedAt} none="never" />,
    hidden: true,
  },
];
