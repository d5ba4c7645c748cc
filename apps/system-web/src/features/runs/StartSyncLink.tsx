import { useNavigate } from '@tanstack/react-router';
import { VerbButton } from '@astro/web-ui';
import { useMayOperate } from './may-operate.js';

/** The way to start a sync; who may not sees it with the reason. */
export function StartSyncLink() {
  const allowed = useMayOperate();
  const navigate = useNavigate();
  return (
    <VerbButton allowed={allowed} variant="filled" onClick={() => void navigate({ to: '/sync/new', search: {} })}>
      Start a sync
    </VerbButton>
  );
}
