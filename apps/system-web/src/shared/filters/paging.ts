import { type TablePaging } from '@astro/web-ui';

const SIZES = [25, 50, 100] as const;
type PageSize = (typeof SIZES)[number];

interface PageSearch {
  readonly limit: PageSize;
  readonly cursor?: string | undefined;
}

interface PagingInput {
  readonly search: PageSearch;
  readonly nextCursor: string | null;
  readonly onChange: (change: { cursor?: string | undefined; limit?: PageSize }) => void;
}

/** Paging whose place is the address. */
export function pagingOf({ search, nextCursor, onChange }: PagingInput): TablePaging {
  return {
    onFirst: search.cursor === undefined ? undefined : () => onChange({ cursor: undefined }),
    onNext: nextCursor === null ? undefined : () => onChange({ cursor: nextCursor }),
    size: search.limit,
    onSize: (size) => onChange({ cursor: undefined, limit: SIZES.find((known) => known === size) ?? 50 }),
  };
}
