/** Where a band is drawn, as the charting library tells its label. */
export interface BandBox {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
}

/** Room above a drawing for the words of its bands. */
export const BAND_WORD_PX = 20;
const FONT_PX = 12;
/** Of one character, on average; rather too much, so that no word reaches into the next band. */
const CHARACTER_PX = 7;

/** The word of a band above it, where it has room; the table tells those that have none. */
export function BandWord({ word, x = 0, y = 0, width = 0 }: BandBox & { readonly word: string }) {
  if (width < word.length * CHARACTER_PX) return null;
  return (
    <text x={x} y={y - FONT_PX / 2} fill="var(--mantine-color-text)" fontSize={FONT_PX}>
      {word}
    </text>
  );
}
