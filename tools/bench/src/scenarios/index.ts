import type { Scenario } from '../scenario.js';
import { drain } from './drain.js';

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [drain];
