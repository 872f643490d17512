/**
 * How long a conversation has been live, in figures. Its own, because a module shared with the event
 * page would cost listeners a request.
 */

/** `0:12:34`, and on past a day: `25:00:00`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (figure: number) => String(figure % 60).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60))}:${two(whole)}`
}
