import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { newIdempotencyKey } from '../../features/runs/idempotency-key.js';
import { getRunPreviewQueryKey } from '../../generated/@tanstack/react-query.gen.js';
import { previewRun, type PreviewRequestInput } from '../../generated/index.js';

const route = getRouteApi('/sync/new');

/** Makes a plan and shows it: its id goes into the address. Each call is one plan. */
export function usePlan() {
  const queryClient = useQueryClient();
  const navigate = route.useNavigate();
  const { mutateAsync, isPending, error } = useMutation({
    mutationFn: async (body: PreviewRequestInput) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await previewRun({ body, headers, throwOnError: true })).data;
    },
    onSuccess: async (preview, { datasets, mode }) => {
      queryClient.setQueryData(getRunPreviewQueryKey({ path: { id: preview.id } }), preview);
      const scope = datasets === 'all' ? { all: true, dataSet: [], mode } : { all: false, dataSet: datasets, mode };
      // The page that the browser's Back leads to has the scope in its address, too.
      await navigate({ search: (before) => ({ ...scope, preview: before.preview }), replace: true });
      await navigate({ search: { ...scope, preview: preview.id } });
    },
  });
  return { plan: mutateAsync, isPending, error };
}
