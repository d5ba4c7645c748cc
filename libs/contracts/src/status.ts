import { z } from 'zod';

/** One part of the system: does its work move? `detail` is one sentence for people, without secrets. */
export const componentSchema = z.object({
  name: z.string(),
  healthy: z.boolean(),
  detail: z.string(),
});
export type Component = z.infer<typeof componentSchema>;

/** The answer of `GET /api/v1/status`. */
export const statusSchema = z.object({
  /** True when every component is healthy. */
  healthy: z.boolean(),
  components: z.array(componentSchema),
  /** When the server looked; ISO 8601, UTC. */
  asOf: z.iso.datetime(),
});
export type Status = z.infer<typeof statusSchema>;
