import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { type Scheme } from './look.js';

/** What a page looks like, as far as that does not depend on the fonts of a machine. */
interface Picture {
  /** Where each block stands: left, top, width, height. */
  readonly boxes: Readonly<Record<string, string>>;
  readonly colours: Readonly<Record<string, string>>;
}

/** As it is kept, with the colours of each scheme. */
interface KeptPicture extends Pick<Picture, 'boxes'> {
  readonly colours: Readonly<Record<Scheme, Picture['colours']>>;
}

/** Px by which a line of another font moves what stands below it. */
const TOLERANCE_PX = 6;
/** What fills the width or has a height of its own. Text ends where its font has it end, so it is no block. */
const BLOCKS =
  'header, [role=note], nav, main, section, [class*=Paper-root], table, dl, [role=tablist], [role=progressbar]';
/** Whose ground, words and border a person tells things apart by. */
const PAINTED: Readonly<Record<string, string>> = {
  page: 'body',
  environment: '[role=note]',
  'menu, here': '.menu-link[aria-current=page]',
  'menu, elsewhere': '.menu-link:not([aria-current])',
  status: 'main .status-badge',
  progress: '[role=progressbar]',
  card: 'main [class*=Paper-root]',
  link: 'main a',
  button: 'main button[data-variant=default]',
};

/** The page is as it was kept; `--update-snapshots` keeps it anew. No two blocks lie over each other. */
export async function expectPicture(page: Page, name: string, scheme: Scheme): Promise<void> {
  const colours = await page.evaluate(paints, PAINTED);
  await test.info().attach(`${name}-${scheme}`, { body: await page.screenshot(), contentType: 'image/png' });
  const { overlaps, boxes } = await page.evaluate(places, BLOCKS);
  const picture: Picture = { boxes, colours };
  expect(overlaps, 'blocks that lie over each other').toEqual([]);
  const file = test.info().snapshotPath(`picture-${name}.json`);
  if (['all', 'changed'].includes(test.info().config.updateSnapshots)) keep(file, picture, scheme);
  const kept = JSON.parse(readFileSync(file, 'utf8')) as KeptPicture;
  expect(picture.colours, `colours in ${scheme}`).toEqual(kept.colours[scheme]);
  expect(Object.keys(picture.boxes), 'blocks').toEqual(Object.keys(kept.boxes));
  for (const [block, box] of Object.entries(picture.boxes)) {
    expect(
      distance(box, kept.boxes[block] ?? ''),
      `${block} stands at ${box}, not at ${kept.boxes[block]}`,
    ).toBeLessThan(TOLERANCE_PX);
  }
}

/** The largest difference of two boxes in any of their numbers. */
function distance(one: string, other: string): number {
  const numbers = other.split(' ').map(Number);
  return Math.max(...one.split(' ').map((text, index) => Math.abs(Number(text) - (numbers[index] ?? Infinity))));
}

function keep(file: string, { boxes, colours }: Picture, scheme: Scheme): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as KeptPicture) : null;
  const kept = { boxes, colours: { ...before?.colours, [scheme]: colours } };
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
}

/** In the page: what each of these looks like. */
function paints(painted: Readonly<Record<string, string>>): Picture['colours'] {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  /** Browsers differ in how they print a colour, not in what they paint. */
  const rgba = (colour: string): string => {
    if (!context) return colour;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].join(' ');
  };
  const paintOf = (selector: string): string => {
    const element = document.querySelector(selector);
    if (!element) return 'absent';
    const { backgroundColor, color, borderBottomColor } = getComputedStyle(element);
    return [backgroundColor, color, borderBottomColor].map(rgba).join(' | ');
  };
  return Object.fromEntries(Object.entries(painted).map(([name, selector]) => [name, paintOf(selector)]));
}

/** In the page: where blocks stand, in the order of reading, and which lie over each other. */
function places(blocks: string): Pick<Picture, 'boxes'> & { readonly overlaps: readonly string[] } {
  // Fonts differ in where a line breaks, and with it would everything below.
  const unbroken = new CSSStyleSheet();
  unbroken.replaceSync('* { white-space: nowrap !important }');
  document.adoptedStyleSheets.push(unbroken);
  const nameOf = (element: Element, index: number): string => {
    const title = document.getElementById(element.getAttribute('aria-labelledby') ?? '')?.textContent;
    const words = [element.getAttribute('role') ?? element.localName, element.getAttribute('aria-label') ?? title];
    return [String(index), ...words].filter(Boolean).join(' ');
  };
  const seen = [...document.querySelectorAll(blocks)].filter((element) => element.getClientRects().length > 0);
  const all = seen.map((element, index) => ({
    element,
    name: nameOf(element, index),
    rect: element.getBoundingClientRect(),
  }));
  type Block = (typeof all)[number];
  const isOver = (one: Block, other: Block): boolean => {
    const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
    const down = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
    return across > 1 && down > 1 && !one.element.contains(other.element);
  };
  const boxOf = ({ rect: { x, y, width, height } }: Block): string =>
    [x, y + scrollY, width, height].map(Math.round).join(' ');
  return {
    boxes: Object.fromEntries(all.map((block) => [block.name, boxOf(block)])),
    overlaps: all.flatMap((one, index) =>
      all.filter((other, behind) => behind > index && isOver(one, other)).map(({ name }) => `${one.name} and ${name}`),
    ),
  };
}
