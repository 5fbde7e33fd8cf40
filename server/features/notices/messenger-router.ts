import { NotFoundError } from '../../core/errors.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, type Routes, signedIn } from '../../core/http/route.ts'
import { isBotOn } from '../../core/notices/messenger/bot.ts'
import { offerCode, selectOptionalLink, unlink } from '../../core/notices/messenger/links.ts'
import { setting } from '../../core/settings.ts'

/** Linking oneself with a conversation in the messenger, and ending it. */
export function messengerRoutes(routes: Routes): void {
  routes.post('/profile/notices/messenger', { access: signedIn }, showCode)
  routes.post('/profile/notices/messenger/unlink', { access: signedIn }, async ({ actor }) => {
    await unlink(actor)
    return redirect('/profile/notices', 'notices.messenger.unlinked')
  })
}

/** Shown once: only its hash is kept. */
async function showCode(context: AnyContext): Promise<Reply> {
  const { actor, t } = context
  const messenger = await setting('messenger')
  if (!isBotOn(messenger)) throw new NotFoundError()
  const code = await offerCode(actor)
  const { link } = messenger
  const model = {
    code: `/start ${code}`,
    link,
    // Messengers of this kind send the code by themselves when their link names it.
    href: link ? `${link}${link.includes('?') ? '&' : '?'}start=${code}` : '',
  }
  return page('notices/messenger-code', model, {
    title: t('notices.messenger.codeTitle'),
    breadcrumbs: [{ href: '/profile/notices', label: t('notices.choices.title') }],
  })
}

/** What one's page of choices says of the messenger. */
export async function presentMessenger({ actor, format }: AnyContext) {
  const link = await selectOptionalLink(actor.personId as number)
  return { isLinked: link !== undefined, name: link?.name ?? '', since: link ? format.human(link.linked_at) : '' }
}
