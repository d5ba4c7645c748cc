import type { Scenario } from '../scenario.js';
import { copyToCache } from './copy-to-cache.js';
import { copyToSystem } from './copy-to-system.js';
import { drain } from './drain.js';
import { joined } from './joined.js';
import { latency } from './latency.js';
import { memory } from './memory.js';
import { timeTold } from './time-told.js';
import { verify } from './verify.js';
import { writer } from './writer.js';

/** In the order of the table; `memory` comes last, because it reports on all before it. */
export const SCENARIOS: readonly Scenario[] = [
  drain,
  latency,
  writer,
  copyToCache,
  copyToSystem,
  verify,
  joined,
  timeTold,
  memory,
];
