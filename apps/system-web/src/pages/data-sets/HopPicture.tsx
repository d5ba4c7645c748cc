import { Fragment } from 'react';
import { type DataSetDetail } from '@astro/contracts';
import { Paper, Text, Title } from '@mantine/core';
import { type Hop, hopsOf, hopsText } from './hop-words.js';

/** Where the rows are on their way, as boxes and arrows; its text says the same. */
export function HopPicture({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const hops = hopsOf(dataSet);
  return (
    <section aria-labelledby="hops-heading">
      <Title order={2} size="h4" id="hops-heading" mb="xs">
        On the way
      </Title>
      <div role="img" aria-label={hopsText(hops)} className="hops">
        {hops.map((hop, index) => (
          <Fragment key={hop.name}>
            {index > 0 && <span className="hop-arrow">→</span>}
            <HopBox hop={hop} />
          </Fragment>
        ))}
      </div>
    </section>
  );
}

function HopBox({ hop: { name, amount, notes } }: { readonly hop: Hop }) {
  return (
    <Paper withBorder p="sm" miw={170}>
      <Text fw={600}>{name}</Text>
      <Text>{amount}</Text>
      {notes.map((note) => (
        <Text size="sm" c="dimmed" key={note}>
          {note}
        </Text>
      ))}
    </Paper>
  );
}
