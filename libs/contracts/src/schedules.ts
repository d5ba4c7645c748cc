import { z } from 'zod';
import { idSchema } from './access.js';
import { permissionSchema } from './list.js';
import { runInitiatorSchema, runStateSchema } from './run-words.js';

const time = z.iso.datetime();

/** When a data set of mode scheduled is brought over. */
export const scheduleSchema = z
  .object({
    dataSet: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    /** The next three instants, earliest first; empty while paused. */
    next: z.array(time),
    paused: z.object({ by: runInitiatorSchema, reason: z.string(), at: time }).nullable(),
    lastRun: z
      .object({ id: idSchema, state: runStateSchema, scheduledFor: time, finishedAt: time.nullable() })
      .nullable(),
    /** The last time that was not kept because a run was still going. */
    lastSkipped: z.object({ scheduledFor: time, reason: z.string() }).nullable(),
    allowed: z.object({
      pause: permissionSchema,
      resume: permissionSchema,
      run: permissionSchema,
    }),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof scheduleSchema>;

export const scheduleListSchema = z.object({ items: z.array(scheduleSchema), asOf: time }).meta({ id: 'ScheduleList' });
export type ScheduleList = z.infer<typeof scheduleListSchema>;

/** The body of `PATCH /schedules/:dataSet`. */
export const changeScheduleSchema = z
  .strictObject({
    paused: z.boolean(),
    /** Needed to pause. */
    reason: z.string().trim().min(1).max(500).optional(),
  })
  .meta({ id: 'ChangeSchedule' });
export type ChangeSchedule = z.infer<typeof changeScheduleSchema>;
