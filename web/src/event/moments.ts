/** Spans of time as people read them: a countdown, a place in a recording. */

type Unit = 'day' | 'hour' | 'minute' | 'second'

const LENGTHS: [Unit, number][] = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]]

/** Days, hours, minutes and seconds until a start, the three largest that matter; null once it has passed. */
export function until(ms: number, language: string): [number, string][] | null {
  if (ms <= 0) return null
  const all = split(ms / 1000)
  const first = all.findIndex(([count, unit]) => count > 0 || unit === 'second')
  return all.slice(first, first + 3).map(([count, unit]) => [count, unitName(count, unit, language)])
}

/** `1 day 2 hours 3 min`. */
export function untilText(parts: [number, string][]): string {
  return parts.map((part) => part.join(' ')).join(' ')
}

/** `1:02:03` or `2:03`. */
export function clock(seconds: number): string {
  const [, hours, minutes, rest] = split(Math.max(0, seconds)).map(([count]) => count) as [number, number, number, number]
  const two = (n: number) => String(n).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** Whole days, hours, minutes and seconds. */
export function split(seconds: number): [number, Unit][] {
  let rest = Math.floor(seconds)
  return LENGTHS.map(([unit, length]) => {
    const count = Math.floor(rest / length)
    rest -= count * length
    return [count, unit]
  })
}

/** Days and hours in full; minutes and seconds, which stand beside them, short. */
function unitName(count: number, unit: Unit, language: string): string {
  const display = unit === 'day' || unit === 'hour' ? 'long' : 'short'
  return measure(unit, display, language).formatToParts(count).find((part) => part.type === 'unit')?.value ?? ''
}

export function measure(unit: Unit, unitDisplay: 'long' | 'short', language: string): Intl.NumberFormat {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay })
}
