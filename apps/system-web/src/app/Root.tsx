import { type ReactNode } from 'react';
import { Navigate, Outlet, useLocation, useRouterState } from '@tanstack/react-router';
import { SessionEndedDialog } from '../features/session/SessionEndedDialog.js';
import { useSessionState } from '../features/session/session-context.js';
import { StartingPage, UnreachablePage } from './edge/StartPages.js';
import { Shell } from './shell/Shell.js';

const SIGN_IN = '/sign-in';

/** Lets in who is signed in, and sends everybody else to sign in first, with the wanted address. */
export function Root(): ReactNode {
  const state = useSessionState();
  const { href, pathname } = useLocation();
  // The address changes before the page does: in between stands the page that is left, which needs a person.
  const shown = useRouterState({ select: ({ matches }) => matches.at(-1)?.routeId });
  if (state.phase === 'starting') return <StartingPage />;
  if (state.phase === 'unreachable') return <UnreachablePage error={state.error} />;
  if (pathname === SIGN_IN) return shown === SIGN_IN ? <Outlet /> : null;
  if (state.phase === 'signed_out')
    return <Navigate to={SIGN_IN} search={href === '/' ? {} : { next: href }} replace />;
  return (
    <>
      <Shell>
        <Outlet />
      </Shell>
      <SessionEndedDialog />
    </>
  );
}
