import { type Request } from 'express';
import { API_KEY_HEADER } from '@astro/contracts';

/** Whether the request shows anything by which it wants to be known, right or wrong. */
export function hasCredentials(request: Request): boolean {
  return request.get('authorization') !== undefined || request.get(API_KEY_HEADER) !== undefined;
}
