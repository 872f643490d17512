/** Times on a page of the door: every start also stands in the viewer's time. */

const { lang } = document.documentElement
const locale = navigator.languages.find((tag) => tag.slice(0, 2) === lang) ?? lang
const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const
const TIME = { hour: 'numeric', minute: '2-digit' } as const

const write = (at: Date, how: Intl.DateTimeFormatOptions, timeZone?: string) => at.toLocaleString(locale, { ...how, ...(timeZone && { timeZone }) })

/** Write the viewer's time into, or beside, every time under `root`. */
export function localise(root: ParentNode): void {
  for (const time of root.querySelectorAll('time')) {
    const { zone, yours } = time.dataset
    const at = new Date(time.dateTime)
    if (!zone || !yours) {
      const today = write(at, DAY) === write(new Date(), DAY)
      time.textContent = write(at, today ? TIME : { ...DAY, ...TIME })
      continue
    }
    const sameDay = write(at, DAY) === write(at, DAY, zone)
    if (sameDay && write(at, TIME) === write(at, TIME, zone)) continue
    const mine = document.createElement('span')
    mine.textContent = yours.replace('{time}', write(at, sameDay ? TIME : { ...DAY, ...TIME }))
    time.append(' ', mine)
  }
}
