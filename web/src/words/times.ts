/** Times as people read them: the host's, and beside them the viewer's. */

import { locale } from './words'

const DATE = { weekday: 'short', day: 'numeric', month: 'short' } as const
const TIME = { hour: 'numeric', minute: '2-digit' } as const

function write(utc_ms: number, how: Intl.DateTimeFormatOptions, zone?: string): string {
  return new Intl.DateTimeFormat(locale, zone ? { ...how, timeZone: zone } : how).format(utc_ms)
}

/** The viewer's time of a moment, with its date where that is another than in the host's zone; null where both clocks agree. */
export function viewersTime(utc_ms: number, hostZone: string): string | null {
  try {
    const sameDay = write(utc_ms, DATE) === write(utc_ms, DATE, hostZone)
    if (sameDay && write(utc_ms, TIME) === write(utc_ms, TIME, hostZone)) return null
    return write(utc_ms, sameDay ? TIME : { ...DATE, ...TIME })
  } catch {
    return write(utc_ms, { ...DATE, ...TIME }) // a zone that this browser does not know
  }
}

/** The host's time of a moment, where it is no longer the one that the door wrote. */
export function hostsTime(utc_ms: number, zone: string): string {
  return write(utc_ms, { ...DATE, ...TIME }, zone)
}

/** `20:04`, or with the date where that is not today's. */
export function shortTime(utc_ms: number, now_ms = Date.now()): string {
  const today = write(utc_ms, DATE) === write(now_ms, DATE)
  return write(utc_ms, today ? TIME : { ...DATE, ...TIME })
}
