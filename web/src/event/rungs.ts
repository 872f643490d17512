/** The rung of the ladder that the door stands on: said above `line` once there is one to tell of, by what is loaded then. */

/** Returns what takes the door's rung; undefined: as before. */
export function rungAbove(line: HTMLElement, announce: (sentence: string) => void): (rung: string | undefined) => void {
  let said: Promise<(rung: string) => void> | null = null
  return (rung) => {
    if (rung === undefined || (!said && (!rung || rung === 'ground'))) return
    said ??= import('./rung').then((part) => part.rungLine(line, announce))
    said.then((stand) => stand(rung)).catch(() => (said = null)) // the next event asks again
  }
}
