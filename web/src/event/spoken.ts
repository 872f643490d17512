/** A place in a recording, for a slider that is heard and not seen. */

import { measure, split } from './moments'

/** `1 hour 2 minutes 3 seconds`. */
export function spokenClock(seconds: number, language: string): string {
  const parts = split(Math.max(0, seconds)).filter(([count, unit]) => count > 0 || (unit === 'second' && seconds < 1))
  return parts.map(([count, unit]) => measure(unit, 'long', language).format(count)).join(' ')
}
