import { createContext, useContext } from 'react';
import { browserTimeSettings, type TimeSettings } from './format-time.js';

const TimeSettingsContext = createContext<TimeSettings | null>(null);

/** Says to every `TimeText` below how to show instants. */
export const TimeSettingsProvider = TimeSettingsContext.Provider;

/** The person's choice, or the browser's zone where nobody chose. */
export function useTimeSettings(): TimeSettings {
  return useContext(TimeSettingsContext) ?? browserTimeSettings();
}
