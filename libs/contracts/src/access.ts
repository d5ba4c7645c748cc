import { z } from 'zod';
import { listQuerySchema, pageSchema, permissionSchema } from './list.js';

/** viewer reads; operator also starts and steers; auditor reads and exports the audit trail; admin does everything. */
export const ROLES = ['viewer', 'operator', 'auditor', 'admin'] as const;
export const roleSchema = z.enum(ROLES).meta({ id: 'Role' });
export type Role = z.infer<typeof roleSchema>;

/** What an API key may do: read data sets and runs, start and steer, read the audit trail, read metrics. */
export const SCOPES = ['read', 'sync', 'audit', 'metrics'] as const;
export const scopeSchema = z.enum(SCOPES).meta({ id: 'Scope' });
export type Scope = z.infer<typeof scopeSchema>;

/** Ids are numbers of 64 bits, as text. */
const MAX_ID = 2n ** 63n - 1n;
export const idSchema = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'must be an id')
  .refine((id) => !/^\d{1,19}$/.test(id) || BigInt(id) <= MAX_ID, 'must be an id');
const time = z.iso.datetime();
const email = z.string().trim().toLowerCase().max(254).pipe(z.email('must be an e-mail address'));
const name = z.string().trim().min(1, 'must not be empty').max(100);

/** Shortest password that a person may choose, in characters; 15 or more are recommended. */
export const PASSWORD_MIN = 8;
/** Longest password that is accepted; a longer one is refused, never cut. */
export const PASSWORD_MAX = 256;
export const newPasswordSchema = z
  .string()
  .min(PASSWORD_MIN, `must have at least ${PASSWORD_MIN} characters`)
  .max(PASSWORD_MAX, `must have at most ${PASSWORD_MAX} characters`);

// Sign in ---------------------------------------------------------------------------------------------------------

/** The header, with this value, that every request to `/auth/refresh` and `/auth/sign-out` must carry. */
export const REQUESTED_WITH = { name: 'x-requested-with', value: 'astro' } as const;
/** The header that carries an API key. */
export const API_KEY_HEADER = 'x-api-key';
/** The header that makes a work-starting POST safe to repeat. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

export const signInSchema = z
  .strictObject({ email: z.string().min(1).max(254), password: z.string().min(1).max(PASSWORD_MAX) })
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof signInSchema>;

/** How the person likes the web app; kept on the server so that every browser shows the same. */
export const preferencesSchema = z
  .strictObject({
    /** IANA name such as `Europe/Madrid`; `browser` follows the browser. */
    zone: z.string().min(1).max(64).default('browser'),
    clock: z.enum(['24h', '12h']).default('24h'),
    theme: z.enum(['light', 'dark', 'auto']).default('auto'),
    density: z.enum(['compact', 'normal']).default('normal'),
    /** Single-key shortcuts. */
    shortcuts: z.boolean().default(true),
  })
  .meta({ id: 'Preferences' });
export type Preferences = z.infer<typeof preferencesSchema>;

export const meSchema = z
  .object({
    id: idSchema,
    email: z.string(),
    name: z.string(),
    role: roleSchema,
    preferences: preferencesSchema,
    /** The password was set by somebody else: until it is changed, nothing else may be done. */
    mustChangePassword: z.boolean(),
    createdAt: time,
    passwordChangedAt: time,
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof meSchema>;

/** The refresh token comes beside it, in a cookie that scripts cannot read. */
export const signedInSchema = z
  .object({
    /** Send it as `Authorization: Bearer …`; keep it in memory only. */
    accessToken: z.string(),
    /** When the access token ends; refresh shortly before. */
    expiresAt: time,
    /** When the session itself ends, whatever happens. */
    sessionExpiresAt: time,
    me: meSchema,
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof signedInSchema>;

// Me --------------------------------------------------------------------------------------------------------------

export const meChangeSchema = z
  .strictObject({
    name: name.optional(),
    preferences: z
      .strictObject({
        zone: z.string().min(1).max(64).optional(),
        clock: z.enum(['24h', '12h']).optional(),
        theme: z.enum(['light', 'dark', 'auto']).optional(),
        density: z.enum(['compact', 'normal']).optional(),
        shortcuts: z.boolean().optional(),
      })
      .optional(),
  })
  .meta({ id: 'MeChange' });
export type MeChange = z.infer<typeof meChangeSchema>;

export const passwordChangeSchema = z
  .strictObject({ currentPassword: z.string().min(1).max(PASSWORD_MAX), newPassword: newPasswordSchema })
  .meta({ id: 'PasswordChange' });
export type PasswordChange = z.infer<typeof passwordChangeSchema>;

export const sessionSchema = z
  .object({
    id: z.uuid(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
    /** Null when the browser sent none. */
    userAgent: z.string().nullable(),
    address: z.string().nullable(),
    /** The session that asks. */
    current: z.boolean(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof sessionSchema>;
export const sessionListSchema = z.object({ items: z.array(sessionSchema), asOf: time }).meta({ id: 'SessionList' });
export type SessionList = z.infer<typeof sessionListSchema>;

// Users -----------------------------------------------------------------------------------------------------------

export const userSchema = z
  .object({
    id: idSchema,
    email: z.string(),
    name: z.string(),
    role: roleSchema,
    /** Null while the user may sign in. */
    disabledAt: time.nullable(),
    createdAt: time,
    /** Last use of any session; null when never signed in. */
    lastSeenAt: time.nullable(),
    openSessions: z.int().min(0),
    allowed: z.object({
      changeRole: permissionSchema,
      disable: permissionSchema,
      enable: permissionSchema,
      endSessions: permissionSchema,
      setPassword: permissionSchema,
    }),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof userSchema>;
export const userPageSchema = pageSchema(userSchema, 'UserPage');
export type UserPage = z.infer<typeof userPageSchema>;

export const userQuerySchema = listQuerySchema.extend({
  /** Part of the name or the e-mail address. */
  text: z.string().trim().max(100).optional(),
});
export type UserQuery = z.infer<typeof userQuerySchema>;

/** Without `password` the server makes one and tells it once. */
export const newUserSchema = z
  .strictObject({ email, name, role: roleSchema, password: newPasswordSchema.optional() })
  .meta({ id: 'NewUser' });
export type NewUser = z.infer<typeof newUserSchema>;

export const createdUserSchema = z
  .object({
    user: userSchema,
    /** The password that the server made, shown this one time; null when the caller chose it. */
    password: z.string().nullable(),
  })
  .meta({ id: 'CreatedUser' });
export type CreatedUser = z.infer<typeof createdUserSchema>;

export const userChangeSchema = z
  .strictObject({ name: name.optional(), role: roleSchema.optional(), disabled: z.boolean().optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'UserChange' });
export type UserChange = z.infer<typeof userChangeSchema>;

/** Without `password` the server makes one and tells it once. Every session of the user ends. */
export const passwordResetSchema = z
  .strictObject({ password: newPasswordSchema.optional() })
  .meta({ id: 'PasswordReset' });
export type PasswordReset = z.infer<typeof passwordResetSchema>;
export const passwordResetResultSchema = z
  .object({ password: z.string().nullable() })
  .meta({ id: 'PasswordResetResult' });
export type PasswordResetResult = z.infer<typeof passwordResetResultSchema>;

/** How many sessions were ended. */
export const endedSessionsSchema = z.object({ ended: z.int().min(0) }).meta({ id: 'EndedSessions' });
export type EndedSessions = z.infer<typeof endedSessionsSchema>;

// API keys --------------------------------------------------------------------------------------------------------

export const apiKeySchema = z
  .object({
    id: idSchema,
    name: z.string(),
    /** The first characters of the key, by which people know it. */
    prefix: z.string(),
    scopes: z.array(scopeSchema),
    createdBy: z.string(),
    createdAt: time,
    expiresAt: time,
    lastUsedAt: time.nullable(),
    lastUsedAddress: z.string().nullable(),
    revokedAt: time.nullable(),
    state: z.enum(['active', 'expired', 'revoked']),
    allowed: z.object({ revoke: permissionSchema }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;
export const apiKeyPageSchema = pageSchema(apiKeySchema, 'ApiKeyPage');
export type ApiKeyPage = z.infer<typeof apiKeyPageSchema>;

/** Longest life of an API key, in days. */
export const API_KEY_MAX_DAYS = 366;
export const newApiKeySchema = z
  .strictObject({
    name,
    scopes: z
      .array(scopeSchema)
      .min(1, 'must name at least one scope')
      .max(SCOPES.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, 'must name every scope once'),
    /** Days until the key expires. */
    expiresInDays: z.int().min(1).max(API_KEY_MAX_DAYS).default(90),
  })
  .meta({ id: 'NewApiKey' });
export type NewApiKey = z.infer<typeof newApiKeySchema>;

export const createdApiKeySchema = z
  .object({
    apiKey: apiKeySchema,
    /** The key itself, shown this one time. */
    secret: z.string(),
  })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;
