/**
 * Shows notices while no page is open. It works with nothing else: no page goes through it, nothing is kept by it.
 * What comes was sealed for this browser by our server: `{ title, text, path, tag }`.
 */
self.addEventListener('push', (event) => {
  const { title = '', text = '', path = '/notices', tag } = event.data?.json() ?? {}
  // The same notice that comes once more takes the place of the first.
  event.waitUntil(self.registration.showNotification(title, { body: text, tag, data: { path } }))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data?.path ?? '/notices', self.location.origin)
  // Only pages of ours are opened.
  if (url.origin === self.location.origin) event.waitUntil(open(url.href))
})

async function open(url) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const there = windows.find((client) => client.url === url)
  return there ? there.focus() : self.clients.openWindow(url)
}
