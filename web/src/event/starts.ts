/** When it begins, as the page tells it: the host's time as the door wrote it, the viewer's beside it, another once it moves. */

import { viewersText } from '../words/times'
import { t, timeWords } from '../words/words'
import { begunAt, isOver } from './begun'
import { byId, say } from './dom'
import type { Boot, Status } from './status'

/** Returns what takes a status. */
export function startsFrom(boot: Boot, announce: (sentence: string) => void): (status: Status) => void {
  const { time_zone } = boot
  /** The start that stands on the page. */
  let stands = begunAt(boot)
  let over = isOver(boot.state)
  return (status) => {
    const { starts_before, live_at, state } = status
    const at = begunAt(status)
    const isNew = at !== stands || over !== (over = isOver(state)) // it may have been live early
    byId('rescheduled').hidden = !starts_before || live_at !== null || over
    if (isNew) {
      stands = at
      // What writes the host's time anew is loaded when it is another.
      import('./rescheduled').then(({ tellTimes }) => tellTimes(status, time_zone, announce)).catch(() => (stands = 0)) // with the next news
    }
    const mine = viewersText(timeWords, at, time_zone)
    say(byId('zones'), mine ? t('event.for_you', { time: mine }) : '')
  }
}
