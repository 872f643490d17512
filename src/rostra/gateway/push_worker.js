/**
 * Shows what is pushed, and opens its page when pressed. Controls no page, fetches nothing, keeps nothing.
 * The message is `Message` of rostra/control/reminder_round.py.
 */
addEventListener('install', () => skipWaiting())

addEventListener('push', (event) => {
  const { title, body, url, tag, lang, dir } = event.data.json()
  const shown = registration.showNotification(title, { body, tag, lang, dir, renotify: true, icon: '/favicon.svg', data: url })
  event.waitUntil(shown)
})

addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(show(new URL(event.notification.data, location.origin)))
})

/** Bring the page to the front if it stands somewhere, else open it. */
async function show(url) {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  const there = pages.find((page) => new URL(page.url).pathname === url.pathname)
  if (there) await there.focus()
  else if (url.origin === location.origin) await clients.openWindow(url)
}
