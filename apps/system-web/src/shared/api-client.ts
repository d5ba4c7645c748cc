import { client } from '../generated/client.gen.js';
import { errorOfAnswer } from './api-error.js';
import { authorizedFetch } from './api.js';

let isConfigured = false;

/**
 * Gives the generated client the session of the page. All its calls then carry the access token, renew it once after
 * a 401, and reject with `ApiError`, whatever type the generated code gives to its errors.
 */
export function configureApiClient(): void {
  if (isConfigured) return;
  isConfigured = true;
  client.setConfig({ baseUrl: window.location.origin, fetch: authorizedFetch, throwOnError: true });
  client.interceptors.error.use((error, response: Response | undefined) =>
    response ? errorOfAnswer(response, error) : error,
  );
}
