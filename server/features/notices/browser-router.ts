import { deviceOf } from '../../core/http/device.ts'
import { json, redirect } from '../../core/http/reply.ts'
import { type AnyContext, type Routes, signedIn } from '../../core/http/route.ts'
import { browserOf, markBrowser } from '../../core/notices/push/cookie.ts'
import { pushKeys } from '../../core/notices/push/keys.ts'
import { browserHash, listBrowsers, subscribe, unsubscribeBrowser } from '../../core/notices/push/subscriptions.ts'
import { browserInput, noticeParams } from './input.ts'
import { demandPush } from './service.ts'

/** Browsers that show what comes: this one is asked by a script, any of one's own is taken off. */
export function browserRoutes(routes: Routes): void {
  routes.post('/profile/notices/browsers', { access: signedIn, body: browserInput }, async (context) => {
    const { actor, body, req, res } = context
    await demandPush()
    await subscribe(actor, body, markBrowser(res), req.get('user-agent') ?? null)
    return json({ ok: true })
  })
  routes.post(
    '/profile/notices/browsers/:id/remove',
    { access: signedIn, params: noticeParams },
    async ({ actor, params }) => {
      await unsubscribeBrowser(actor, params.id)
      return redirect('/profile/notices', 'notices.browsers.removed')
    },
  )
}

/** One's browsers, and what a script needs to ask this one. */
export async function presentBrowsers({ actor, req, t, format }: AnyContext) {
  const { publicKey } = await pushKeys()
  const here = browserHash(browserOf(req))
  const browsers = await listBrowsers(actor.personId as number)
  return {
    publicKey,
    isHere: browsers.some((browser) => browser.browser_hash === here),
    rows: browsers.map((browser) => ({
      id: browser.id,
      name: deviceOf(browser.user_agent, t),
      isHere: browser.browser_hash === here,
      since: format.human(browser.created_at),
      used: browser.used_at ? format.human(browser.used_at) : '',
    })),
  }
}
