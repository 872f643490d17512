/** What a speaker's keys do: chosen once, remembered in this browser. */

/** Chosen or not. Where the browser keeps nothing (private windows, locked-down ones) it holds for this visit. */
function remembered(slot: string): { on: boolean } {
  return {
    get on(): boolean {
      try {
        return localStorage.getItem(slot) !== null
      } catch {
        return false
      }
    },

    set on(wanted: boolean) {
      try {
        if (wanted) localStorage.setItem(slot, '')
        else localStorage.removeItem(slot)
      } catch {
        // See above.
      }
    },
  }
}

/** To be heard only while holding a key. */
export const pushToTalk = remembered('rostra.push_to_talk')
/** Not to be muted, or heard, by a single key. */
export const withoutKey = remembered('rostra.without_mute_key')

/** Whether the space bar is free to talk with: whatever else has the focus keeps it. */
export function isForTalking(target: EventTarget | null): boolean {
  return !(target instanceof Element && target.closest('input, textarea, select, button, a, summary, audio, dialog'))
}
