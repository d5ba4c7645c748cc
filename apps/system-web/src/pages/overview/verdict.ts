import { type Status } from '@astro/contracts';

const MAX_NAMES = 3;

/** The first line of the first screen: is anything wrong, and where? */
export function verdictOf({ healthy, components }: Status): string {
  const troubled = components.filter((part) => !part.healthy).map((part) => part.name);
  if (troubled.length === 0) return healthy ? 'All parts are moving' : 'The server says that something is wrong';
  const names = troubled.slice(0, MAX_NAMES).join(', ');
  const more = troubled.length > MAX_NAMES ? ` and ${troubled.length - MAX_NAMES} more` : '';
  return `${troubled.length} ${troubled.length === 1 ? 'part needs' : 'parts need'} you: ${names}${more}`;
}
