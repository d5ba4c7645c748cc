import { z } from 'zod';
import { componentSchema } from './status.js';

/** The answer of `GET /health/ready`, with HTTP status 200 when ready and 503 when not. */
export const readinessSchema = z.object({
  status: z.enum(['ready', 'not ready']),
  components: z.array(componentSchema),
});
export type Readiness = z.infer<typeof readinessSchema>;

/** The answer of `GET /health/live`. */
export const livenessSchema = z.object({ status: z.literal('live') });
export type Liveness = z.infer<typeof livenessSchema>;
