/**
 * Points in time as people read them, in the manner of a language and not of a browser: `Tue 24 Nov, 8:00 pm`,
 * `mar 24 nov, 20:00`. The host's time stands in the host's zone, the viewer's beside it. `rostra/core/moments.py`
 * writes the same, and `test/times.json` holds both to it.
 */

/** How a language writes a time: the catalogue's keys that begin with `time.`. */
export interface TimeWords {
  clock: string
  am: string
  pm: string
  days: string
  months: string
  date: string
  date_year: string
  moment: string
}

interface Wall {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

/** Where a zone's own short name is known: browsers name only the zones of the place whose English they write. */
const ENGLISHES = ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA']
/** Those that are said, as the door says them. */
const NAMES =
  /^(UTC|GMT|WES?T|BST|CES?T|EES?T|WAT|CAT|SAST|EAT|IST|AWST|AC[SD]T|AE[SD]T|NZ[SD]T|HST|AK[SD]T|P[SD]T|M[SD]T|C[SD]T|E[SD]T|A[SD]T)$/
/** Those that browsers do not know, of zones whose clocks never change. */
const OTHERS: Record<string, string> = {
  'Asia/Tokyo': 'JST', 'Asia/Seoul': 'KST', 'Asia/Hong_Kong': 'HKT', 'Asia/Jakarta': 'WIB', 'Asia/Karachi': 'PKT', 'Europe/Moscow': 'MSK',
}

/** `8:00 pm`, or `20:00` where the day is counted in 24 hours. */
export function timeText(words: TimeWords, utc_ms: number, zone?: string): string {
  const { hour, minute } = wall(utc_ms, zone)
  const minutes = String(minute).padStart(2, '0')
  if (words.clock === '24') return `${hour}:${minutes}`
  return `${hour % 12 || 12}:${minutes} ${hour < 12 ? words.am : words.pm}`
}

/** `Tue 24 Nov, 8:00 pm`; with the year where it is not the one of `now_ms`. */
export function momentText(words: TimeWords, utc_ms: number, zone?: string, now_ms = Date.now()): string {
  const there = wall(utc_ms, zone)
  const day = words.days.split(' ')[(new Date(Date.UTC(there.year, there.month - 1, there.day)).getUTCDay() + 6) % 7]
  const month = words.months.split(' ')[there.month - 1]
  const values = { day, date: there.day, month, year: there.year }
  const date = fill(wall(now_ms, zone).year === there.year ? words.date : words.date_year, values)
  return fill(words.moment, { date, time: timeText(words, utc_ms, zone) })
}

/** What has happened, on the viewer's clock: `8:04 pm`, or with the date where that is not today's. */
export function shortText(words: TimeWords, utc_ms: number, now_ms = Date.now()): string {
  return sameDay(wall(utc_ms), wall(now_ms)) ? timeText(words, utc_ms) : momentText(words, utc_ms, undefined, now_ms)
}

/** Two moments as one names them side by side: by the clock alone where they are on one day. */
export function bothTexts(words: TimeWords, one_ms: number, other_ms: number, zone: string): [string, string] {
  const text = sameDay(wall(one_ms, zone), wall(other_ms, zone)) ? timeText : momentText
  return [text(words, one_ms, zone), text(words, other_ms, zone)]
}

/** A moment on the viewer's clock, with its date where that is another than in the host's zone; null where both clocks agree. */
export function viewersText(words: TimeWords, utc_ms: number, hostZone: string, viewersZone?: string): string | null {
  const here = wall(utc_ms, viewersZone)
  const there = known(hostZone) ? wall(utc_ms, hostZone) : null
  if (!there || !sameDay(here, there)) return momentText(words, utc_ms, viewersZone)
  return here.hour === there.hour && here.minute === there.minute ? null : timeText(words, utc_ms, viewersZone)
}

/** A zone's short name at a moment, `CET`; `UTC−3` where it has none, or shares it with another. */
export function zoneText(utc_ms: number, zone: string): string {
  if (!known(zone)) return zone
  const names = ENGLISHES.map((tag) => nameOf(utc_ms, zone, tag, 'short'))
  return names.find((name) => NAMES.test(name)) ?? OTHERS[zone] ?? nameOf(utc_ms, zone, 'en', 'shortOffset').replace('GMT', 'UTC').replace('-', '−')
}

function nameOf(utc_ms: number, zone: string, tag: string, timeZoneName: 'short' | 'shortOffset'): string {
  const parts = new Intl.DateTimeFormat(tag, { timeZone: zone, timeZoneName }).formatToParts(utc_ms)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone
}

/** The numbers on a clock in a zone; in the viewer's without one. */
function wall(utc_ms: number, zone?: string): Wall {
  const numeric = 'numeric'
  const parts = new Intl.DateTimeFormat('en', {
    ...(zone && known(zone) && { timeZone: zone }), hourCycle: 'h23', year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric,
  }).formatToParts(utc_ms)
  return Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)])) as unknown as Wall
}

/** Whether this browser knows a zone. */
function known(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}

const sameDay = (one: Wall, other: Wall) => one.year === other.year && one.month === other.month && one.day === other.day

function fill(pattern: string, values: Record<string, string | number | undefined>): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
