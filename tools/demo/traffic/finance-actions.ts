import { anyOne, newId, oneStatement, somewhere, type Action } from './action.js';

const invoice = (status: string) => anyOne('public.invoices', 'id', `status = '${status}'`);

/** What is still to be paid of invoice `i`. */
const OPEN_AMOUNT = 'i.amount - (SELECT coalesce(sum(p.amount), 0) FROM public.payments p WHERE p.invoice_id = i.id)';

/** What the accountants do. */
export const FINANCE_ACTIONS: readonly Action[] = (
  [
    {
      name: 'invoices.issue',
      weight: 5,
      run: oneStatement(({ random, launchIds }) => [
        `INSERT INTO public.invoices (id, number, agency_id, launch_id, amount, issued_at, status)
         SELECT $2, 'AB-' || $3, l.agency_id, l.id, greatest(round(sum(b.total_price) / 10, 2), 0.01), now(), 'pending'
         FROM public.launches l JOIN public.bookings b ON b.launch_id = l.id AND b.status = 'confirmed'
         WHERE l.id = $1 GROUP BY l.id`,
        [random.pick(launchIds), newId(), newId().slice(0, 18)],
      ]),
    },
    {
      // Two tables in one transaction: the payment that completes an invoice also closes it.
      name: 'payments.receive',
      weight: 7,
      run: oneStatement(({ random }) => [
        `WITH paid AS (
           UPDATE public.invoices SET status = 'paid' WHERE id = ${invoice('pending')} RETURNING id, amount)
         INSERT INTO public.payments (id, invoice_id, amount, paid_at)
         SELECT $2, i.id, ${OPEN_AMOUNT}, now() FROM paid i WHERE ${OPEN_AMOUNT} > 0`,
        [somewhere(random), newId()],
      ]),
    },
    {
      name: 'payments.receive-part',
      weight: 1,
      run: oneStatement(({ random }) => [
        `INSERT INTO public.payments (id, invoice_id, amount, paid_at)
         SELECT $2, i.id, round((${OPEN_AMOUNT}) / 2, 2), now() FROM public.invoices i
         WHERE i.id = ${invoice('pending')} AND ${OPEN_AMOUNT} > 1`,
        [somewhere(random), newId()],
      ]),
    },
    {
      name: 'invoices.fail',
      weight: 0.6,
      run: oneStatement(({ random }) => [
        `UPDATE public.invoices SET status = 'failed' WHERE id = ${invoice('pending')}`,
        [somewhere(random)],
      ]),
    },
    {
      name: 'invoices.retry',
      weight: 0.6,
      run: oneStatement(({ random }) => [
        `UPDATE public.invoices SET status = 'pending' WHERE id = ${invoice('failed')}`,
        [somewhere(random)],
      ]),
    },
    {
      name: 'invoices.withdraw',
      weight: 0.1,
      run: oneStatement(({ random }) => [
        `DELETE FROM public.invoices WHERE id = ${invoice('failed')}`,
        [somewhere(random)],
      ]),
    },
  ] satisfies Omit<Action, 'writer'>[]
).map((action) => ({ ...action, writer: 'FinanceAPI' }));
