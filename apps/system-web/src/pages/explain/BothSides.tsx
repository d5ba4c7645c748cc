import { type Explanation, type Holding } from '@astro/contracts';
import { Group, Paper, Text, Title } from '@mantine/core';
import { ValueText } from '@astro/web-ui';
import { FieldTable, type TwoSidedField } from '../../shared/FieldTable.js';
import { ENDPOINT_NAMES } from '../data-sets/words.js';
import { type FieldRow, fieldRows } from './verdicts.js';

const STATES: Readonly<Record<Holding['state'], string>> = {
  present: 'holds it',
  absent: 'does not hold it',
  unknown: 'could not be asked',
};

interface BothSidesProps {
  readonly explanation: Explanation;
  readonly field: string | undefined;
}

/** The source row and the target document, field by field. */
export function BothSides({ explanation, field }: BothSidesProps) {
  const { source, target } = explanation;
  const rows = fieldRows(explanation, field);
  return (
    <section aria-labelledby="sides-heading">
      <Title order={2} size="h4" id="sides-heading" mb="xs">
        What they hold
      </Title>
      <Group gap="sm" align="stretch" mb="sm">
        <Place holding={source} />
        <Place holding={target} />
      </Group>
      {rows.length > 0 && <FieldsOfBoth rows={rows} explanation={explanation} />}
      {rows.length === 0 && field !== undefined && <Text size="sm">Neither of them has the field {field}.</Text>}
    </section>
  );
}

function Place({ holding: { endpoint, place, state, detail, tookMs } }: { readonly holding: Holding }) {
  return (
    <Paper withBorder p="sm" style={{ overflowWrap: 'anywhere' }}>
      <Text fw={600}>
        {ENDPOINT_NAMES[endpoint]} {STATES[state]}
      </Text>
      <Text size="sm">
        <ValueText value={place} />
      </Text>
      {detail !== null && (
        <Text size="sm">
          <ValueText value={detail} />
        </Text>
      )}
      <Text size="sm" c="dimmed">
        read in {Math.round(tookMs)} ms
      </Text>
    </Paper>
  );
}

interface FieldsOfBothProps {
  readonly rows: readonly FieldRow[];
  readonly explanation: Explanation;
}

function FieldsOfBoth({ rows, explanation: { source, target } }: FieldsOfBothProps) {
  return (
    <FieldTable
      label="Fields of source and target"
      headers={['Field', ENDPOINT_NAMES[source.endpoint], ENDPOINT_NAMES[target.endpoint], 'Compared']}
      fields={rows.map(fieldOf)}
      none="–"
    />
  );
}

function fieldOf({ name, verdict, ...sides }: FieldRow): TwoSidedField {
  return {
    ...{ name, verdict, isMarked: verdict === 'differs' },
    ...('source' in sides && { first: sides.source }),
    ...('target' in sides && { second: sides.target }),
  };
}
