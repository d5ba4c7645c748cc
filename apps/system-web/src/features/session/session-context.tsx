import { createContext, useContext, useSyncExternalStore } from 'react';
import { type Me } from '@astro/contracts';
import { type SessionState, type SessionStore } from './session-store.js';

const SessionContext = createContext<SessionStore | null>(null);

export const SessionProvider = SessionContext.Provider;

export function useSession(): SessionStore {
  const session = useContext(SessionContext);
  if (!session) throw new Error('There is no SessionProvider above this component');
  return session;
}

export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.getState);
}

/** The person who uses the page, also while their session has ended in the middle; `null` when nobody is signed in. */
export function useMeOrNull(): Me | null {
  const state = useSessionState();
  return state.phase === 'signed_in' || state.phase === 'ended' ? state.me : null;
}

/** As `useMeOrNull`, for what is shown only to people who are signed in: every page but sign-in. */
export function useMe(): Me {
  const me = useMeOrNull();
  if (!me) throw new Error('Nobody is signed in');
  return me;
}
