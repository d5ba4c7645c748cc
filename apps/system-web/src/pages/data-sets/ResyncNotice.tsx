import { type DataSetDetail } from '@astro/contracts';
import { Alert, Text } from '@mantine/core';
import { TextLink } from '@astro/web-ui';
import { hrefOf } from '../../shared/href.js';

/** Why the data set must be copied anew, and the way there. */
export function ResyncNotice({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { name, status, statusReason, allowed } = dataSet;
  if (status !== 'needs_resync') return null;
  return (
    <Alert color="red" variant="light" title="It needs a new copy" role="alert">
      <Text size="sm">{statusReason}</Text>
      <Text size="sm">
        What is in the target stays as it is until then; it may be out of date.{' '}
        {allowed.sync.ok && (
          <TextLink href={hrefOf('/sync/new', { dataSet: name, mode: 'full' })}>Plan a full copy</TextLink>
        )}
      </Text>
    </Alert>
  );
}
