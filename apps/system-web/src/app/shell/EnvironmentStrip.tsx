import { environmentOf } from './environment.js';

/** Under the header: production is red, staging amber, local grey, each with its word. */
export function EnvironmentStrip({ hostname }: { readonly hostname: string }) {
  const { kind, word } = environmentOf(hostname);
  return (
    <div className={`environment environment-${kind}`} role="note" aria-label="Environment">
      {word}
    </div>
  );
}
