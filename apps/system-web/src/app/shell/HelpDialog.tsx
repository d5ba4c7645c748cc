import { Kbd, Modal, Stack, Table, Text, Title } from '@mantine/core';
import { usePreferences } from '../../features/session/preferences.js';
import { useMe } from '../../features/session/session-context.js';
import { pagesFor } from '../pages.js';
import { ROW_WORDS, SHORTCUT_WORDS } from './shortcuts.js';

interface HelpDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** What the keys do, and the words of the system. */
export function HelpDialog({ opened, onClose }: HelpDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Help"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close the help' }}
    >
      <HelpBody />
    </Modal>
  );
}

const WORDS: readonly (readonly [word: string, meaning: string])[] = [
  ['data set', 'a named set of rows or documents that is kept equal between two databases'],
  ['run', 'a synchronization that a person, a schedule or an integration started'],
  ['lag', 'how far a target is behind its source, in changes and in seconds'],
  ['origin', 'who caused a change: service, user and action, and what the database saw'],
  ['unattributed', 'a change that no application claimed'],
  ['needs resync', 'nobody can prove any more that the data set is complete; run a full sync'],
];

function HelpBody() {
  const { shortcuts } = usePreferences();
  const pages = pagesFor(useMe().role).flatMap(({ key, label }) => (key ? [[`g ${key}`, `to ${label}`] as const] : []));
  return (
    <Stack>
      <Title order={3} size="h4">
        Keys
      </Title>
      {!shortcuts && <Text size="sm">Single keys are switched off; Me has the switch.</Text>}
      <WordTable caption="Keys everywhere" rows={[...SHORTCUT_WORDS, ...pages]} isKeys />
      <WordTable caption="Keys on a row of a table" rows={ROW_WORDS} isKeys />
      <Title order={3} size="h4">
        Words
      </Title>
      <WordTable caption="Words" rows={WORDS} />
    </Stack>
  );
}

interface WordTableProps {
  readonly caption: string;
  readonly rows: readonly (readonly [string, string])[];
  readonly isKeys?: boolean;
}

function WordTable({ caption, rows, isKeys = false }: WordTableProps) {
  return (
    <Table aria-label={caption}>
      <Table.Tbody>
        {rows.map(([word, meaning]) => (
          <Table.Tr key={word}>
            <Table.Th scope="row" w="9rem">
              {isKeys ? <Kbd>{word}</Kbd> : word}
            </Table.Th>
            <Table.Td>{meaning}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
