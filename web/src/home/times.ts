/** Times on a page of the door: every start also stands in the viewer's time. */
import { shortText, viewersText, type TimeWords } from '../words/times?home'

const words = JSON.parse(document.body.dataset['times'] ?? '{}') as TimeWords

/** Write the viewer's time into, or beside, every time under `root`. */
export function localise(root: ParentNode): void {
  for (const time of root.querySelectorAll('time')) {
    const { zone, yours } = time.dataset
    const at_ms = Date.parse(time.dateTime)
    if (!zone || !yours) {
      time.textContent = shortText(words, at_ms)
      continue
    }
    const mine = viewersText(words, at_ms, zone)
    if (!mine) continue
    const beside = document.createElement('span')
    beside.textContent = yours.replace('{time}', mine)
    time.append(' ', beside)
  }
}
