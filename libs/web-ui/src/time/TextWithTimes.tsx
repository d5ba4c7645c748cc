import { Fragment } from 'react';
import { TimeText } from './TimeText.js';

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence of the server whose instants, ISO 8601 in UTC, are shown as the person sees times; always date and time. */
export function TextWithTimes({ text }: { readonly text: string }) {
  return text
    .split(INSTANT)
    .map((part, index) => (
      <Fragment key={`${index} ${part}`}>{INSTANT.test(part) ? <TimeText at={part} absolute /> : part}</Fragment>
    ));
}
