/** Times as people read them, in the viewer's language and zone. */

/** Days, hours, minutes and seconds until a start; null once it has passed. */
export function until(ms: number): [number, string][] | null {
  if (ms <= 0) return null
  const s = Math.floor(ms / 1000)
  const all: [number, string][] = [
    counted(Math.floor(s / 86_400), 'day'),
    counted(Math.floor(s / 3600) % 24, 'hour'),
    [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 'sec'],
  ]
  const first = Math.max(0, all.findIndex(([count]) => count > 0))
  return all.slice(first, first + 3)
}

function counted(count: number, unit: string): [number, string] {
  return [count, count === 1 ? unit : `${unit}s`]
}

/** `Friday, 24 November, 20:00`, in the viewer's own zone. */
export function viewersTime(utc_ms: number): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  }).format(utc_ms)
}

/** The viewer's zone: `Berlin`. */
export function viewersZone(): string {
  return zoneName(Intl.DateTimeFormat().resolvedOptions().timeZone)
}

/** The city of an IANA zone name. */
export function zoneName(zone: string): string {
  return (zone.split('/').pop() ?? zone).replaceAll('_', ' ')
}

/** `1:02:03` or `2:03`. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(s / 3600)
  const minutes = Math.floor(s / 60) % 60
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`
}

/** `1 hour 2 minutes 3 seconds`, for a slider that is heard and not seen. */
export function spokenClock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  return [counted(Math.floor(s / 3600), 'hour'), counted(Math.floor(s / 60) % 60, 'minute'), counted(s % 60, 'second')]
    .filter(([count], i) => count > 0 || (i === 2 && s === 0))
    .map((part) => part.join(' '))
    .join(' ')
}
