import { type Role } from '@astro/contracts';
import { type PageEntry, type PagePath, pagesFor } from '../pages.js';

/** One line of the palette. */
export interface PaletteAction {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly href: string;
}

interface PaletteInput {
  readonly query: string;
  readonly role: Role;
  /** Names of the data sets, as far as they are known. */
  readonly dataSets: readonly string[];
}

const MAX_DATA_SETS = 8;

/** What the palette offers: pages, data sets, things by their id; only what the role may open and what exists. */
export function paletteActions({ query, role, dataSets }: PaletteInput): PaletteAction[] {
  const pages = pagesFor(role);
  const words = query.trim();
  return [...pageActions(pages, words), ...dataSetActions(pages, words, dataSets), ...idActions(pages, words)];
}

function pageActions(pages: readonly PageEntry[], words: string): PaletteAction[] {
  return pages
    .filter(({ path, label }) => !path.includes('$') && fits(label, words))
    .map(({ path, label }) => ({ id: path, label, href: path }));
}

function dataSetActions(pages: readonly PageEntry[], words: string, dataSets: readonly string[]): PaletteAction[] {
  const found = dataSets.filter((name) => fits(name, words)).slice(0, MAX_DATA_SETS);
  const open = found.map((name) => ({
    id: `data-set ${name}`,
    label: name,
    description: 'Data set',
    href: `/data-sets/${encodeURIComponent(name)}`,
  }));
  const sync = found.map((name) => ({
    id: `sync ${name}`,
    label: `Start a sync of ${name}`,
    href: `/sync/new?dataSet=${encodeURIComponent(name)}`,
  }));
  return [...(has(pages, '/data-sets/$name') ? open : []), ...(has(pages, '/sync/new') && words !== '' ? sync : [])];
}

function idActions(pages: readonly PageEntry[], words: string): PaletteAction[] {
  if (words === '') return [];
  const id = encodeURIComponent(words);
  const isRunId = /^[1-9]\d{0,18}$/.test(words);
  return [
    ...(isRunId && has(pages, '/runs/$id') ? [{ id: 'run', label: `Open run ${words}`, href: `/runs/${id}` }] : []),
    ...(has(pages, '/changes')
      ? [{ id: 'changes', label: `Changes with the correlation id ${words}`, href: `/changes?correlationId=${id}` }]
      : []),
    ...(has(pages, '/audit')
      ? [{ id: 'audit', label: `Audit entries about ${words}`, href: `/audit?text=${id}` }]
      : []),
  ];
}

const has = (pages: readonly PageEntry[], path: PagePath): boolean => pages.some((page) => page.path === path);

const fits = (label: string, words: string): boolean => label.toLowerCase().includes(words.toLowerCase());
