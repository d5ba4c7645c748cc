import { useCallback } from 'react';
import { type Preferences } from '@astro/contracts';
import { type MeChange } from '../../generated/index.js';
import { toastFailed } from '../../shared/toast.js';
import { changeMe } from './session-api.js';
import { useMeOrNull, useSession } from './session-context.js';

type PreferencesChange = NonNullable<MeChange['preferences']>;

/** Before anybody has signed in. */
const DEFAULTS: Preferences = { zone: 'browser', clock: '24h', theme: 'auto', density: 'normal', shortcuts: true };

/** How the person likes the web app. */
export function usePreferences(): Preferences {
  return useMeOrNull()?.preferences ?? DEFAULTS;
}

/** Changes preferences at once, and on the server, so that other browsers show the same; taken back when that fails. */
export function useChangePreferences(): (change: PreferencesChange) => void {
  const session = useSession();
  return useCallback(
    (change) => {
      const state = session.getState();
      if (state.phase !== 'signed_in') return;
      const { me } = state;
      session.setMe({ ...me, preferences: { ...me.preferences, ...change } });
      changeMe({ preferences: change }).then(
        (changed) => session.setMe(changed),
        (error: unknown) => {
          session.setMe(me);
          toastFailed('Your choice could not be kept', error instanceof Error ? error.message : 'Try again.');
        },
      );
    },
    [session],
  );
}
