import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { MantineProvider, useMantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { type RouterHistory, RouterProvider } from '@tanstack/react-router';
import {
  browserTimeSettings,
  cssVariables,
  DensityProvider,
  LinkProvider,
  theme,
  TimeSettingsProvider,
} from '@astro/web-ui';
import { usePreferences } from '../features/session/preferences.js';
import { SessionProvider, useSession, useSessionState } from '../features/session/session-context.js';
import { SessionStore } from '../features/session/session-store.js';
import { configureApiClient } from '../shared/api-client.js';
import { setCredentials } from '../shared/credentials.js';
import { unfreeze } from '../shared/freeze.js';
import { useTimeDisplay } from '../shared/time-display.js';
import { createAppRouter } from './router.js';
import { styleNonce } from './style-nonce.js';

interface AppProps {
  /** Tests give one in memory. */
  readonly history?: RouterHistory;
  /** `test` where nothing is laid out: no transitions, and nothing hides because the element it belongs to has no size. */
  readonly env?: 'default' | 'test';
}

export function App({ history, env = 'default' }: AppProps) {
  const [queryClient] = useState(createQueryClient);
  const [session] = useState(createSession);
  const [router] = useState(() => createAppRouter(history));
  const [open] = useState(() => (href: string) => router.history.push(href));
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
      env={env}
    >
      <QueryClientProvider client={queryClient}>
        <SessionProvider value={session}>
          <LinkProvider value={open}>
            <Lifecycle />
            <Settings>
              <Notifications position="bottom-right" />
              <RouterProvider router={router} />
            </Settings>
          </LinkProvider>
        </SessionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Takes up an earlier session, and forgets everything that was read when the person leaves. */
function Lifecycle() {
  const session = useSession();
  const queryClient = useQueryClient();
  const { phase } = useSessionState();
  useEffect(() => void session.start(), [session]);
  useEffect(() => {
    if (phase !== 'signed_out') return;
    queryClient.clear();
    unfreeze();
  }, [phase, queryClient]);
  return null;
}

/** The person's zone, clock, theme and height of rows. */
function Settings({ children }: { readonly children: ReactNode }) {
  const { zone, clock, density, theme: scheme } = usePreferences();
  const display = useTimeDisplay();
  const { phase } = useSessionState();
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (phase === 'signed_in') setColorScheme(scheme);
  }, [phase, scheme, setColorScheme]);
  const settings = useMemo(() => {
    const own = browserTimeSettings();
    return { display, zone: zone === 'browser' ? own.zone : zone, hours: clock === '24h' ? 24 : 12 } as const;
  }, [display, zone, clock]);
  return (
    <TimeSettingsProvider value={settings}>
      <DensityProvider value={density}>{children}</DensityProvider>
    </TimeSettingsProvider>
  );
}

function createSession(): SessionStore {
  configureApiClient();
  const session = new SessionStore();
  setCredentials(session);
  return session;
}

/** Polling tries again by itself, so one request is one try and a failure shows at once. */
function createQueryClient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });
}
