import { REQUESTED_WITH, type Me, type SignedIn, type SignIn } from '@astro/contracts';
import * as api from '../../generated/index.js';
import { publicFetch } from '../../shared/api.js';

/** Without an access token: with one, a 401 would be taken for its end. */
const WITHOUT_TOKEN = { fetch: publicFetch, throwOnError: true } as const;
/** Proves that this page asks, and no other site that has made the browser send its cookie. */
const BY_THIS_PAGE = { ...WITHOUT_TOKEN, headers: { [REQUESTED_WITH.name]: REQUESTED_WITH.value } } as const;

export async function signIn(body: SignIn): Promise<SignedIn> {
  const { data } = await api.signIn({ ...WITHOUT_TOKEN, body });
  return data;
}

/** Uses the cookie up and gets another. */
export async function refresh(): Promise<SignedIn> {
  const { data } = await api.refreshSession(BY_THIS_PAGE);
  return data;
}

export async function signOut(): Promise<void> {
  await api.signOut(BY_THIS_PAGE);
}

export async function getMe(): Promise<Me> {
  const { data } = await api.getMe({ throwOnError: true });
  return data;
}

export async function changeMe(body: api.MeChange): Promise<Me> {
  const { data } = await api.changeMe({ body, throwOnError: true });
  return data;
}
