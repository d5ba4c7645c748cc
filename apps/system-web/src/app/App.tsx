import { useState } from 'react';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { OverviewPage } from '../pages/overview/OverviewPage.js';
import { Shell } from './Shell.js';
import { cssVariables, theme } from './theme.js';

export function App() {
  const [queryClient] = useState(createQueryClient);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Shell>
          <OverviewPage />
        </Shell>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Polling tries again by itself, so one request is one try and a failure shows at once. */
function createQueryClient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });
}

/** The nonce with which the content security policy of this page permits styles. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}
