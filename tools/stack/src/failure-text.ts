const MAX_LINES = 60;

/**
 * What a program that failed has to say, for a person: its plain lines, or, when there are none, the message of its
 * last log line of level error or fatal.
 * @param output the end of its output; log lines are JSON
 */
export function failureText(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const plain = lines.filter((line) => !line.startsWith('{')).slice(-MAX_LINES);
  if (plain.length > 0) return plain.join('\n');
  const messages = lines.map(errorOf).filter((message) => message !== undefined);
  return messages.at(-1) ?? lines.at(-1) ?? 'it said nothing';
}

interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly error?: { readonly message?: string };
}

function errorOf(line: string): string | undefined {
  try {
    const { level, msg, error } = JSON.parse(line) as LogLine;
    if (level !== 'error' && level !== 'fatal') return undefined;
    return [msg, error?.message].filter(Boolean).join(': ');
  } catch {
    return undefined;
  }
}
