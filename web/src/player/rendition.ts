/** Which rendition to listen to, of those that the edge offers and this browser plays. Pure. */

export interface Rendition {
  name: string
  codec: string
  /** Peak bits per second. */
  bandwidth: number
}

/**
 * The best of the codec that carries speech in the fewest bytes; with the data saver on, the cheapest of that
 * codec, so that the switch is not heard as a gap. Undefined when none plays here.
 */
export function choose(
  offered: Rendition[],
  plays: (rendition: Rendition) => boolean,
  saving: boolean,
): Rendition | undefined {
  const playable = offered.filter(plays)
  const opus = playable.filter(({ codec }) => codec === 'opus')
  const family = opus.length ? opus : playable.filter(({ codec }) => codec === playable[0]?.codec)
  const byCost = [...family].sort((a, b) => a.bandwidth - b.bandwidth)
  return saving ? byCost[0] : byCost.at(-1)
}

/** Whether the data saver would change anything. */
export function canSave(offered: Rendition[], plays: (rendition: Rendition) => boolean): boolean {
  return choose(offered, plays, true) !== choose(offered, plays, false)
}

/** How long until a listener changes when the ladder does: spread, so that the crowd does not ask all at once. */
export function patience_s(random: () => number = Math.random): number {
  return 2 + 58 * random()
}
