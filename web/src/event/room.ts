/** The room in figures and letters: how many rows of seats are lit, what stands on a disc. Pure. */

/** Rows of seats lit by an audience: the first by one listener, each further one by about four times as many. */
export function rowsLit(listeners: number, rows: number): number {
  return listeners <= 0 ? 0 : Math.min(rows, 1 + Math.floor(Math.log(listeners) / Math.log(4)))
}

/** First letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u)
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => Array.from(word ?? '')[0] ?? '')
  return letters.join('').toLocaleUpperCase()
}
