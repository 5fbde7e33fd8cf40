import { baseUrl } from '../../core/http/base-url.ts'
import { page, type Reply } from '../../core/http/reply.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { setting } from '../../core/settings.ts'
import type { Slip } from './account-service.ts'

/** Sign-in slips to print. @param kind for somebody's first sign-in, or for who forgot the password */
export async function slipsPage(
  t: Translate,
  slips: readonly Slip[],
  { kind = 'first', backUrl = '/people' }: { kind?: 'first' | 'reset'; backUrl?: string } = {},
): Promise<Reply> {
  const authority = (await setting('authority')).name
  const words =
    kind === 'reset'
      ? { text: t('accounts.slips.resetText', { authority }), note: t('accounts.slips.resetNote') }
      : { text: t('accounts.slips.text', { authority }), note: t('accounts.slips.note') }
  const model = { slips, address: `${await baseUrl()}/start`, ...words }
  const title = t(kind === 'reset' ? 'accounts.slips.resetTitle' : 'accounts.slips.title')
  return page('accounts/slips', model, { title, layout: 'print', backUrl })
}
