/** Whether one is heard only while holding a key: chosen once, remembered in this browser. */

const SLOT = 'rostra.push_to_talk'

export const pushToTalk = {
  get on(): boolean {
    return localStorage.getItem(SLOT) !== null
  },
  set on(wanted: boolean) {
    if (wanted) localStorage.setItem(SLOT, '1')
    else localStorage.removeItem(SLOT)
  },
}

/** Whether the space bar is free to talk with: whatever else has the focus keeps it. */
export function isForTalking(target: EventTarget | null): boolean {
  return !(target instanceof Element && target.closest('input, textarea, select, button, a, summary, audio, dialog'))
}
