/** A time on somebody's wall, in their zone, as the instant that the API wants. */

import { momentText, shortText, timeText, viewersText, zoneText, type TimeWords } from '../words/times?backstage'
import { begunAt } from '../event/begun?backstage'
import type { Lifecycle } from './api'
import { say } from './words.svelte'

export function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Minutes that a zone is ahead of UTC at an instant. */
function offset_min(utc_ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(utc_ms)
  const part = (type: string) => Number(parts.find((found) => found.type === type)?.value)
  const wall_ms = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return Math.round((wall_ms - Math.floor(utc_ms / 1000) * 1000) / 60_000)
}

/** `2030-01-31T20:00` on a wall in `zone` → ISO 8601 in UTC. A time that a clock change skips is moved past it. */
export function instantOf(wall: string, zone: string): string {
  const asUtc_ms = Date.parse(`${wall}Z`)
  if (Number.isNaN(asUtc_ms)) throw new RangeError(say('console.form.no_date'))
  const guess_ms = asUtc_ms - offset_min(asUtc_ms, zone) * 60_000
  const nearer_ms = asUtc_ms - offset_min(guess_ms, zone) * 60_000
  const utc_ms = wallOf(nearer_ms, zone) === wall ? nearer_ms : Math.max(guess_ms, nearer_ms)
  return new Date(utc_ms).toISOString().replace('.000Z', 'Z')
}

/** An instant as a wall in `zone` shows it, for an input: `2030-01-31T20:00`. */
export function wallOf(instant: string | number, zone: string): string {
  const utc_ms = new Date(instant).getTime()
  return new Date(utc_ms + offset_min(utc_ms, zone) * 60_000).toISOString().slice(0, 16)
}

/** An instant for people: in `zone`, with its name, what is to come; on the visitor's own clock what has happened. */
export function told(instant: string, zone?: string): string {
  const utc_ms = Date.parse(instant)
  return zone === undefined ? shortText(timeWords(), utc_ms) : `${momentText(timeWords(), utc_ms, zone)} ${zoneText(utc_ms, zone)}`
}

/** The time of an instant on the visitor's own clock. */
export function toldClock(utc_ms: number): string {
  return timeText(timeWords(), utc_ms)
}

/** When a space begins, as its event page says it: as announced; once it is over, or live early, when it really was live. */
export function begun({ state, starts_at, live_at }: { state: Lifecycle; starts_at: string; live_at: string | null }): string {
  const at_ms = begunAt({ state, starts_at: Date.parse(starts_at), live_at: live_at === null ? null : Date.parse(live_at) })
  return new Date(at_ms).toISOString()
}

/** The same instant on the visitor's own clock; empty where that reads the same. */
export function toldHere(instant: string, zone: string): string {
  return viewersText(timeWords(), Date.parse(instant), zone) ?? ''
}

function timeWords(): TimeWords {
  return {
    clock: say('time.clock'), am: say('time.am'), pm: say('time.pm'), days: say('time.days'), months: say('time.months'),
    date: say('time.date'), date_year: say('time.date_year'), moment: say('time.moment'),
  }
}
