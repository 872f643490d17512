/** Showing once more who one is, where the API demands it: asked for here, given in the dialog of `Proof.svelte`. */

let pending = $state.raw<Pending | null>(null)

interface Pending {
  given: Promise<boolean>
  settle: (given: boolean) => void
}

/** Whether somebody is asked now. */
export function isAsked(): boolean {
  return pending !== null
}

/** Ask, once at a time; true when the proof was given, false when they would rather not. */
export function askForProof(): Promise<boolean> {
  if (!pending) {
    let settle: Pending['settle'] = () => {}
    const given = new Promise<boolean>((resolve) => (settle = resolve))
    pending = { given, settle }
  }
  return pending.given
}

export function answer(given: boolean): void {
  pending?.settle(given)
  pending = null
}
