/** Reasons and errors are parts of a sentence or whole ones: with one full stop either way. */
export function asSentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
