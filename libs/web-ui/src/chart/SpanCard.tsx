import { type KeyboardEvent, lazy, useState } from 'react';
import { Table, Text } from '@mantine/core';
import { useTimeSettings } from '../time/time-settings.js';
import { ChartFigure } from './ChartFigure.js';
import { ChartFrame } from './ChartFrame.js';
import { type DrawnSpan, drawnSpans, MAX_DRAWN, type Span, spanBegin, spanLength } from './span-words.js';
import { nextIndex } from './use-chart-cursor.js';

export interface SpanCardProps {
  readonly title: string;
  /** What is drawn, for those who cannot see it. */
  readonly desc: string;
  /** What the spans are: "Data set". */
  readonly nameHeader: string;
  readonly spans: readonly Span[];
  /** ISO 8601: what goes on is drawn up to here. */
  readonly until: string;
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
        if (drawn.length === 0) return <Text size="sm">Nothing has begun yet.</Text>;
        return <Spans {...props} drawn={drawn} titleId={titleId} />;
      }}
    </ChartFrame>
  );
}

interface SpansProps extends SpanCardProps {
  readonly drawn: readonly DrawnSpan[];
  readonly titleId: string;
}

const KEYS: Readonly<Record<string, string>> = { ArrowDown: 'ArrowRight', ArrowUp: 'ArrowLeft' };

/** The arrows move a cursor over the spans, which are read out. */
function Spans({ drawn, spans, desc, until, titleId }: SpansProps) {
  const settings = useTimeSettings();
  const [cursor, setCursor] = useState<number | null>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextIndex(KEYS[event.key] ?? event.key, cursor, drawn.length);
    if (next === undefined) return;
    event.preventDefault();
    setCursor(next);
  };
  const span = cursor === null ? undefined : drawn[cursor];
  const heightPx = drawn.length * LINE_PX + AXIS_PX;
  return (
    <ChartFigure
      titleId={titleId}
      heightPx={heightPx}
      desc={spans.length > MAX_DRAWN ? `${desc} The ${MAX_DRAWN} longest of ${spans.length}; the table has all.` : desc}
      words={span ? `${span.name}: ${span.word}, began ${spanBegin(span, settings)}, ${spanLength(span, until)}` : ''}
      onKeyDown={onKeyDown}
      onBlur={() => setCursor(null)}
    >
      <SpanPlot spans={drawn} until={until} heightPx={heightPx} cursor={cursor} />
    </ChartFigure>
  );
}

function SpanTable({ title, nameHeader, spans, until }: SpanCardProps) {
  const settings = useTimeSettings();
  return (
    <div className="table-scroll chart-table" tabIndex={0} role="region" aria-label={`Table of ${title}`}>
      <Table aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            {[nameHeader, 'Began', 'Took', 'Status'].map((header) => (
              <Table.Th scope="col" key={header}>
                {header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {spans.map((span) => (
            <Table.Tr key={span.name}>
              <Table.Th scope="row">{span.name}</Table.Th>
              <Table.Td>{spanBegin(span, settings)}</Table.Td>
              <Table.Td>{spanLength(span, until)}</Table.Td>
              <Table.Td>{span.word}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
