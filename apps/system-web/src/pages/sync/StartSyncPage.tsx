import { useEffect, useRef, useState } from 'react';
import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useForm, type UseFormReturn } from 'react-hook-form';
import { getRunPreviewOptions } from '../../generated/@tanstack/react-query.gen.js';
import { type Preview } from '../../generated/index.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { PlanStep } from './PlanStep.js';
import { ScopeStep } from './ScopeStep.js';
import { Steps } from './Steps.js';
import { type SyncValues, valuesOfPreview, valuesOfSearch } from './sync-form.js';

const route = getRouteApi('/sync/new');

/** Start the right thing knowingly: scope, plan, confirm. Going back keeps what was entered. */
export function StartSyncPage() {
  const search = route.useSearch();
  const [planAtFirst] = useState(search.preview);
  return (
    <Stack>
      <PageHeader title="Start a sync">Choose what, look at what would happen, then confirm it.</PageHeader>
      {planAtFirst === undefined ? (
        <SyncSteps values={valuesOfSearch(search)} />
      ) : (
        <FromPlan previewId={planAtFirst} all={search.all} />
      )}
    </Stack>
  );
}

/** The address names a plan: what it was made of is what the form holds. */
function FromPlan({ previewId, all }: { readonly previewId: string; readonly all: boolean }) {
  const query = useQuery(getRunPreviewOptions({ path: { id: previewId } }));
  return (
    <QueryView query={query} loadingLabel="Loading the plan">
      {(preview: Preview) => <SyncSteps values={valuesOfPreview(preview, all)} />}
    </QueryView>
  );
}

function SyncSteps({ values }: { readonly values: SyncValues }) {
  const { preview: previewId } = route.useSearch();
  const navigate = route.useNavigate();
  const form = useForm<SyncValues>({ defaultValues: values });
  useScopeOfAddress(form);
  const [isConfirming, setConfirming] = useState(false);
  const back = (): void => void navigate({ search: (before) => ({ ...before, preview: undefined }) });
  const planned = isConfirming ? 'confirm' : 'plan';
  return (
    <>
      <Steps current={previewId === undefined ? 'scope' : planned} />
      {previewId === undefined ? (
        <ScopeStep form={form} />
      ) : (
        <PlanStep
          key={previewId}
          previewId={previewId}
          form={form}
          onBack={back}
          confirming={{ opened: isConfirming, set: setConfirming }}
        />
      )}
    </>
  );
}

/** A link to another scope, such as one of the palette, is followed on this page too; other fields stay. */
function useScopeOfAddress({ setValue }: UseFormReturn<SyncValues>): void {
  const { all, dataSet, mode } = route.useSearch();
  const scope = JSON.stringify([all, dataSet, mode]);
  const followed = useRef(scope);
  useEffect(() => {
    if (followed.current === scope) return;
    followed.current = scope;
    const values = valuesOfSearch({ all, dataSet, mode });
    setValue('all', values.all);
    setValue('dataSets', values.dataSets);
    setValue('mode', values.mode);
  }, [scope, all, dataSet, mode, setValue]);
}
