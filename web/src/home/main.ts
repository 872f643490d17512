/** The front of the house needs no script; with one, every start also stands in the viewer's time. */
import './home.css'

const { lang } = document.documentElement
const locale = navigator.languages.find((tag) => tag.slice(0, 2) === lang) ?? lang
const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const
const TIME = { hour: 'numeric', minute: '2-digit' } as const

const write = (at: Date, how: Intl.DateTimeFormatOptions, timeZone?: string) => at.toLocaleString(locale, { ...how, ...(timeZone && { timeZone }) })

for (const time of document.querySelectorAll('time')) {
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
