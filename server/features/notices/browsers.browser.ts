import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { db } from '../../core/db/index.ts'
import { allowLocalAddresses } from '../../core/http/outbound.ts'
import { notify } from '../../core/notices/index.ts'
import { pushOutlet } from '../../core/notices/push/outlet.ts'
import { sendOutNotices } from '../../core/notices/send-out.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeUser } from '../../testing/builders.ts'
import { PushService } from '../../testing/push-service.ts'

describe('notices that the browser itself shows', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  const service = new PushService()
  let reader: number

  before(async () => {
    allowLocalAddresses(true)
    await service.start()
    reader = await makeUser('reader', 'learner')
  })

  after(async () => {
    allowLocalAddresses(false)
    await service.stop()
  })

  /** The maker's own service is on the internet: in its place the browser is given ours. */
  async function useOurService(page: Page, subscription: object) {
    await page.context().grantPermissions(['notifications'])
    await page.addInitScript(`
      PushManager.prototype.subscribe = async () => ({ toJSON: () => (${JSON.stringify(subscription)}) })
      Object.defineProperty(Notification, 'permission', { get: () => 'default' })
      Notification.requestPermission = async () => 'granted'
    `)
    await page.reload()
  }

  it('are switched on by one button, listed and switched off', async () => {
    const { browser: reads, subscription } = service.browser('chromium')
    const page = await browser.open('reader', '/profile/notices')
    await useOurService(page, subscription)
    await page.getByRole('button', { name: 'Включить в этом браузере' }).click()
    await page.getByText('этот браузер', { exact: true }).waitFor()
    expect(await page.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)')).to.equal(1)
    await notify('tracking.reminder', [reader], {
      subject: { type: 'cohort', id: 1 },
      data: { subject: 'Завтра зачёт', text: 'Принесите портфолио.' },
      href: '/profile',
      dedupeKey: 'shown',
    })
    for (let tries = 0; tries < 50 && !reads.read.length; tries++) {
      await sendOutNotices(pushOutlet)
      await page.waitForTimeout(100)
    }
    expect(reads.read.map(({ title }) => title)).to.deep.equal(['Завтра зачёт'])
    await page.getByRole('button', { name: 'Отключить' }).click()
    await page.getByRole('button', { name: 'Включить в этом браузере' }).waitFor()
    expect(await db()('push_subscriptions')).to.have.length(0)
  })

  it('are shown by a worker of our own, which the policy of contents lets in', async () => {
    const { subscription } = service.browser('worker')
    const page = await browser.open('reader', '/profile/notices')
    await useOurService(page, subscription)
    const devtools = await page.context().newCDPSession(page)
    const registered = new Promise<string>((resolve) => {
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations
        if (first) resolve(first.registrationId)
      })
    })
    await devtools.send('ServiceWorker.enable')
    await page.getByRole('button', { name: 'Включить в этом браузере' }).click()
    await page.getByText('этот браузер', { exact: true }).waitFor()
    const data = JSON.stringify({ title: 'Новое', text: 'Слова', path: '/profile', tag: 'notice-1' })
    const message = { origin: app.url, registrationId: await registered, data }
    await devtools.send('ServiceWorker.deliverPushMessage', message)
    await devtools.send('ServiceWorker.deliverPushMessage', message)
    const shown = await page.evaluate(`(async () => {
      const [registration] = await navigator.serviceWorker.getRegistrations()
      for (let tries = 0; tries < 50; tries++) {
        const notices = await registration.getNotifications()
        if (notices.length) return notices.map(({ title, body, data }) => ({ title, body, path: data.path }))
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    })()`)
    expect(shown).to.deep.equal([{ title: 'Новое', body: 'Слова', path: '/profile' }])
  })

  it('say why they cannot be switched on, and read well everywhere', async () => {
    for (const options of [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }, { width: 320 }]) {
      const page = await browser.open('reader', '/profile/notices', options)
      // This browser asks nobody and answers "denied".
      await page.getByRole('button', { name: 'Включить в этом браузере' }).click()
      await page.getByText('Показ уведомлений запрещён в настройках браузера').waitFor()
      await expectAccessible(page)
      await expectNothingClipped(page)
      await page.close()
    }
    const plain = await browser.open('reader', '/profile/notices', { javaScript: false })
    await plain.getByText('в браузере должен работать JavaScript').waitFor()
  })
})
