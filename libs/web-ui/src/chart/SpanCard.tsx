import { type KeyboardEvent, lazy, useState } from 'react';
import { Table, Text } from '@mantine/core';
import { ScrollTable } from '../table/ScrollTable.js';
import { useTimeSettings } from '../time/time-settings.js';
import { ChartFigure } from './ChartFigure.js';
import { ChartFrame } from './ChartFrame.js';
import { partShare } from './part-looks.js';
import {
  type DrawnSpan,
  drawnSpans,
  leftOutWords,
  partNames,
  partWords,
  type Span,
  spanBegin,
  spanLength,
  spanWords,
} from './span-words.js';
import { nextIndex } from './use-chart-cursor.js';

export interface SpanCardProps {
  readonly title: string;
  /** What is drawn, for those who cannot see it. */
  readonly desc: string;
  /** What the spans are: "Data set". */
  readonly nameHeader: string;
  /** What the parts of a span are: "Phases". */
  readonly partsHeader: string;
  readonly spans: readonly Span[];
  /** ISO 8601: what goes on is drawn up to here. */
  readonly until: string;
  /** Said when none has begun. */
  readonly emptyText: string;
}

const SpanPlot = lazy(() => import('./SpanPlot.js'));
const LINE_PX = 28;
const AXIS_PX = 32;

/** When each of several things began and ended, as bars over one axis of time and as a table. */
export function SpanCard(props: SpanCardProps) {
  const drawn = drawnSpans(props.spans, props.until);
  return (
    <ChartFrame title={props.title} hasTable={props.spans.length > 0}>
      {({ isTable, titleId }) => {
        if (isTable) return <SpanTable {...props} />;
        if (drawn.length === 0) return <Text size="sm">{props.emptyText}</Text>;
        return <Spans {...props} drawn={drawn} titleId={titleId} />;
      }}
    </ChartFrame>
  );
}

interface SpansProps extends SpanCardProps {
  readonly drawn: readonly DrawnSpan[];
  readonly titleId: string;
}

/** The list stands upright; its keys mean what those of the other charts mean. */
const SIDEWAYS: Readonly<Record<string, string>> = { ArrowDown: 'ArrowRight', ArrowUp: 'ArrowLeft' };

/** The arrows move a cursor over the spans, which are read out. It stays on its span when others begin. */
function Spans({ drawn, spans, desc, until, titleId, partsHeader }: SpansProps) {
  const settings = useTimeSettings();
  const [cursor, setCursor] = useState<string | null>(null);
  const index = drawn.findIndex(({ name }) => name === cursor);
  const span = drawn[index];
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextIndex(SIDEWAYS[event.key] ?? event.key, span ? index : null, drawn.length);
    if (next === undefined) return;
    event.preventDefault();
    setCursor(next === null ? null : (drawn[next]?.name ?? null));
  };
  const names = partNames(drawn);
  const heightPx = drawn.length * LINE_PX + AXIS_PX;
  return (
    <>
      <ChartFigure
        titleId={titleId}
        heightPx={heightPx}
        desc={`${desc}${leftOutWords(spans)}`}
        words={span ? spanWords(span, settings) : ''}
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(null)}
      >
        <SpanPlot spans={drawn} until={until} heightPx={heightPx} cursor={span?.name ?? null} partNames={names} />
      </ChartFigure>
      <PartLegend title={partsHeader} names={names} />
    </>
  );
}

/** How high each part is drawn. */
function PartLegend({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <ul className="span-legend" aria-label={title}>
      {names.map((name) => (
        <li key={name}>
          <span className="span-swatch" style={{ blockSize: `${partShare(names, name)}em` }} aria-hidden />
          {name}
        </li>
      ))}
    </ul>
  );
}

function SpanTable({ title, nameHeader, partsHeader, spans, until }: SpanCardProps) {
  const settings = useTimeSettings();
  const headers = [nameHeader, 'Began', 'Took', partsHeader, 'Status'].map((text) => ({ text }));
  return (
    <ScrollTable label={`Table of ${title}`} name={title} headers={headers} className="chart-table">
      {spans.map((span) => (
        <Table.Tr key={span.name}>
          <Table.Th scope="row">{span.name}</Table.Th>
          <Table.Td>{spanBegin(span, settings)}</Table.Td>
          <Table.Td>{spanLength(span, until)}</Table.Td>
          <Table.Td>{partWords(span)}</Table.Td>
          <Table.Td>{span.word}</Table.Td>
        </Table.Tr>
      ))}
    </ScrollTable>
  );
}
