import { type AuditFilter, EXPORT_FORMATS } from '@astro/contracts';
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { problemTextOf } from '../../shared/api-error.js';
import { toastDone, toastFailed } from '../../shared/toast.js';
import { download, fileName, readExport } from './export-file.js';

interface ExportButtonsProps {
  readonly filter: AuditFilter;
  readonly isFiltered: boolean;
}

const NAMES = { csv: 'CSV', jsonl: 'JSON lines' } as const;

/** Downloads what the filters let through, all pages of it. */
export function ExportButtons({ filter, isFiltered }: ExportButtonsProps) {
  const save = useMutation({
    mutationFn: (format: keyof typeof NAMES) => readExport(filter, format),
    onSuccess: (file, format) => {
      const name = fileName(format, Date.now(), isFiltered);
      download(file, name);
      toastDone({ title: 'The audit trail is exported', text: name });
    },
    onError: (error) => toastFailed('The audit trail was not exported', problemTextOf(error).detail),
  });
  return (
    <>
      {EXPORT_FORMATS.map((format) => (
        <Button
          key={format}
          variant="default"
          loading={save.isPending && save.variables === format}
          disabled={save.isPending}
          onClick={() => save.mutate(format)}
        >
          Export {isFiltered ? 'the filtered entries' : 'everything'} as {NAMES[format]}
        </Button>
      ))}
    </>
  );
}
