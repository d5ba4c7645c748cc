import { type Overview } from '@astro/contracts';

/** The verdict as one text, for the tab of the browser. */
export function verdictText({ parts }: Overview['verdict']): string {
  return parts.map(({ text }) => text).join('');
}
