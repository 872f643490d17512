/** What a speaker's keys do: chosen once, remembered in this browser. */

import { chosen } from '../../event/remembered?backstage'

/** To be heard only while holding a key. */
export const pushToTalk = chosen('rostra.push_to_talk')
/** Not to be muted, or heard, by a single key. */
export const withoutKey = chosen('rostra.without_mute_key')

/** Whether the space bar is free to talk with: whatever else has the focus keeps it. */
export function isForTalking(target: EventTarget | null): boolean {
  return !(target instanceof Element && target.closest('input, textarea, select, button, a, summary, audio, dialog'))
}
