import { FILTER_OPERATORS } from '@astro/contracts';
import { Button, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useFieldArray, useWatch } from 'react-hook-form';
import { type SyncFormProps } from './ScopeStep.js';
import { type FilterOperator, NEW_CONDITION, takesValue } from './sync-form.js';

const WORDS: Readonly<Record<FilterOperator, string>> = {
  eq: 'is',
  ne: 'is not',
  lt: 'is less than',
  le: 'is at most',
  gt: 'is greater than',
  ge: 'is at least',
  in: 'is one of',
  is_null: 'is empty',
  is_not_null: 'is not empty',
};
const OPERATORS = FILTER_OPERATORS.map((value) => ({ value, label: WORDS[value] }));
const MAX = 20;

/** Conditions on columns that all have to hold. The server checks them before anything starts. */
export function Conditions({ form }: SyncFormProps) {
  const { fields, append, remove } = useFieldArray({ control: form.control, name: 'filter' });
  return (
    <Stack gap="sm" role="group" aria-label="Conditions, all of which have to hold">
      {fields.map(({ id }, index) => (
        <Condition key={id} form={form} index={index} onRemove={fields.length > 1 ? () => remove(index) : null} />
      ))}
      <Group>
        <Button variant="default" disabled={fields.length >= MAX} onClick={() => append(NEW_CONDITION)}>
          Add a condition
        </Button>
      </Group>
    </Stack>
  );
}

interface ConditionProps extends SyncFormProps {
  readonly index: number;
  /** `null` for the only one. */
  readonly onRemove: (() => void) | null;
}

function Condition({ form, index, onRemove }: ConditionProps) {
  const operator = useWatch({ control: form.control, name: `filter.${index}.operator` });
  const errors = form.formState.errors.filter?.[index];
  const place = `of condition ${index + 1}`;
  const value = {
    'aria-label': `Value ${place}`,
    error: errors?.value?.message,
    ...form.register(`filter.${index}.value`),
  };
  return (
    <Group align="flex-start" gap="sm">
      <TextInput
        aria-label={`Column ${place}`}
        placeholder="column"
        error={errors?.column?.message}
        {...form.register(`filter.${index}.column`, {
          validate: (column) => column.trim() !== '' || 'Name the column.',
        })}
      />
      <NativeSelect
        aria-label={`Comparison ${place}`}
        data={OPERATORS}
        error={errors?.operator?.message}
        {...form.register(`filter.${index}.operator`)}
      />
      {operator === 'in' && <Textarea placeholder="one value per line" rows={3} {...value} />}
      {operator !== 'in' && takesValue(operator) && <TextInput placeholder="value" {...value} />}
      {onRemove && (
        <Button variant="subtle" onClick={onRemove} aria-label={`Remove condition ${index + 1}`}>
          Remove
        </Button>
      )}
    </Group>
  );
}
