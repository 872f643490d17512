/** Whether one is heard only while holding a key: chosen once, remembered in this browser. */

const SLOT = 'rostra.push_to_talk'

export const pushToTalk = {
  get on(): boolean {
    try {
      return localStorage.getItem(SLOT) !== null
    } catch {
      return false
    }
  },

  set on(wanted: boolean) {
    try {
      if (wanted) localStorage.setItem(SLOT, '')
      else localStorage.removeItem(SLOT)
    } catch {
      // Private windows and locked-down browsers: it holds for this visit.
    }
  },
}

/** Whether the space bar is free to talk with: whatever else has the focus keeps it. */
export function isForTalking(target: EventTarget | null): boolean {
  return !(target instanceof Element && target.closest('input, textarea, select, button, a, summary, audio, dialog'))
}
