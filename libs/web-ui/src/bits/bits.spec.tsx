import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderUi } from '../test/render.fixture.js';
import { CopyButton } from './CopyButton.js';
import { FilterChips } from './FilterChips.js';
import { formatBytes, formatCount, formatPercent, formatRows } from './format-number.js';
import { LinkProvider, TextLink } from './link.js';
import { OriginChip } from './OriginChip.js';
import { originOfChange, originOfInitiator, type OriginFacts, originWords } from './origin-facts.js';
import { ValueText } from './ValueText.js';

const said = {
  service: 'billing-api',
  user: 'ana',
  action: 'price-update',
  reason: 'new list',
  correlationId: 'c-1',
  observedRole: 'app_rw',
  observedApplication: 'billing',
  observedAddress: '10.0.0.4',
  unattributed: false,
};
const unsaid = {
  ...said,
  service: null,
  user: null,
  action: null,
  reason: null,
  correlationId: null,
  unattributed: true,
};

it.each<[string, OriginFacts, string]>([
  ['a user', originOfChange(said), 'ana via billing-api · price-update'],
  ['a service', originOfChange({ ...said, user: null }), 'billing-api · price-update'],
  ['a person at a run', originOfInitiator({ kind: 'user', id: '1', name: 'Ana' }), 'Ana'],
  ['a schedule', originOfInitiator({ kind: 'schedule', id: 'orders', name: 'orders, nightly' }), 'orders, nightly'],
  ['the system', { kind: 'system' }, 'system'],
  ['an API key without a name', { kind: 'api_key' }, 'api key'],
  ['nobody', originOfChange(unsaid), 'unattributed: role app_rw, billing'],
  ['nobody that anybody saw', { kind: 'unattributed' }, 'unattributed'],
])('OR-1 the origin %s reads "%s"', (_name, origin, expected) => {
  expect(originWords(origin)).toBe(expected);
  renderUi(<OriginChip origin={origin} />);
  expect(screen.getByRole('button', { name: expected })).toBeVisible();
});

it('OR-1 of a user who is a UUID the chip has the beginning, so that service and action are seen', () => {
  const user = '94d4236d-06df-4e1a-8301-ba8c13cc5d10';
  renderUi(<OriginChip origin={originOfChange({ ...said, user })} />);
  expect(screen.getByRole('button', { name: '94d4236d… via billing-api · price-update' })).toBeVisible();
  expect(originWords(originOfChange({ ...said, user }))).toContain(user);
});

it('OR-1 the chip opens all that is known, with the ways on', async () => {
  const open = jest.fn();
  renderUi(
    <LinkProvider value={open}>
      <OriginChip
        origin={originOfChange(said, '2026-11-20T13:02:11Z')}
        links={{ audit: '/audit?correlationId=c-1', explain: '/explain?key=1' }}
      />
    </LinkProvider>,
  );
  await userEvent.click(screen.getByRole('button', { name: /ana via/ }));
  for (const text of ['new list', 'app_rw', '10.0.0.4', 'c-1']) expect(await screen.findByText(text)).toBeVisible();
  await userEvent.click(screen.getByRole('link', { name: 'Explain this value' }));
  expect(open).toHaveBeenCalledWith('/explain?key=1');
});

it('a link inside the app leaves Ctrl and click to the browser', async () => {
  const open = jest.fn();
  renderUi(
    <LinkProvider value={open}>
      <TextLink href="#runs">Runs</TextLink>
    </LinkProvider>,
  );
  const user = userEvent.setup();
  await user.keyboard('{Control>}');
  await user.click(screen.getByRole('link', { name: 'Runs' }));
  await user.keyboard('{/Control}');
  expect(open).not.toHaveBeenCalled();
  await user.click(screen.getByRole('link', { name: 'Runs' }));
  expect(open).toHaveBeenCalledWith('#runs');
});

it('values from databases are text, and long ones are cut until somebody asks', async () => {
  const hostile = `<img src=x onerror=alert(1)>${'x'.repeat(300)}`;
  const { container } = renderUi(<ValueText value={hostile} />);
  expect(container.querySelector('img')).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'show all 328 characters' }));
  expect(screen.getByText(hostile)).toBeVisible();
});

it.each([
  [null, 'null'],
  [{ a: 1 }, '{"a":1}'],
  [false, 'false'],
  ['', ''],
])('the value %j is shown as %s', (value, expected) => {
  const { container } = renderUi(<ValueText value={value} />);
  expect(container.querySelector('.value, .no-value')).toHaveTextContent(expected);
});

it('filters that are on can be taken away one by one and all at once', async () => {
  const onRemove = jest.fn();
  const onClear = jest.fn();
  const { container, unmount } = renderUi(
    <FilterChips
      chips={[{ id: 's', label: 'Status: failed', onRemove }]}
      onClear={onClear}
      note="Your last filters:"
    />,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Remove the filter Status: failed' }));
  await userEvent.click(screen.getByRole('button', { name: 'Clear all' }));
  expect([onRemove.mock.calls.length, onClear.mock.calls.length]).toEqual([1, 1]);
  expect(container).toHaveTextContent('Your last filters:');
  unmount();
  renderUi(<FilterChips chips={[]} onClear={onClear} />);
  expect(screen.queryByRole('group')).not.toBeInTheDocument();
});

it('copies a text and says so', async () => {
  const user = userEvent.setup();
  const write = jest.spyOn(navigator.clipboard, 'writeText');
  renderUi(<CopyButton value="request-7" what="request id" />);
  await user.click(screen.getByRole('button', { name: /Copy request id/ }));
  expect(write).toHaveBeenCalledWith('request-7');
  expect(screen.getByText('Copied the request id')).toBeInTheDocument();
});

it.each([
  [0, '0'],
  [1_284, '1 284'],
  [1_234_567, '1 234 567'],
  [null, '–'],
  [Number.NaN, '–'],
])('the count %d is %s', (value, expected) => {
  expect(formatCount(value).replaceAll('\u202f', ' ')).toBe(expected);
});

it.each([
  [940, '940 B'],
  [1_200_000, '1.2 MB'],
  [999_600, '1.0 MB'],
  [120_000_000, '120 MB'],
  [undefined, '–'],
])('%d bytes are %s', (value, expected) => {
  expect(formatBytes(value)).toBe(expected);
});

it.each([
  [0, '0 %'],
  [0.04, '0.1 %'],
  [37.9, '37 %'],
  [99.9, '99 %'],
  [100, '100 %'],
])('%d percent is %s', (value, expected) => {
  expect(formatPercent(value)).toBe(expected);
});

it('one row is one row', () => {
  expect([formatRows(1), formatRows(2)]).toEqual(['1 row', '2 rows']);
});
