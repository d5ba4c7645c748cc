import { getRouteApi } from '@tanstack/react-router';
import { TextLink, TimeText } from '@astro/web-ui';
import { definedOf } from '../../shared/defined.js';
import { hrefOf } from '../../shared/href.js';

const route = getRouteApi('/audit');
const USUAL_LIMIT = 50;

/** Opens the details of an entry and keeps the filters. */
export function EntryLink({ id, at }: { readonly id: string; readonly at: string }) {
  const { limit, ...search } = route.useSearch();
  const kept = { ...definedOf(search), ...(limit !== USUAL_LIMIT && { limit }) };
  return (
    <TextLink href={hrefOf('/audit', { ...kept, open: id })}>
      <TimeText at={at} />
    </TextLink>
  );
}
