/** The front of the house needs no script; with one, every start also stands in the viewer's time. */
import './home.css'

const { lang } = document.documentElement
const locale = navigator.languages.find((tag) => tag.slice(0, 2) === lang) ?? lang
const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const
const TIME = { hour: 'numeric', minute: '2-digit' } as const

for (const time of document.querySelectorAll('time')) {
  const { zone, yours } = time.dataset
  const at = new Date(time.dateTime)
  const write = (how: Intl.DateTimeFormatOptions, timeZone?: string) => at.toLocaleString(locale, { ...how, ...(timeZone && { timeZone }) })
  if (!zone || !yours || write({ ...DAY, ...TIME }) === write({ ...DAY, ...TIME }, zone)) continue
  const sameDay = write(DAY) === write(DAY, zone)
  const mine = document.createElement('span')
  mine.textContent = ` · ${yours.replace('{time}', write(sameDay ? TIME : { ...DAY, ...TIME }))}`
  time.append(mine)
}
