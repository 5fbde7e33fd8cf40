import type { Request } from 'express'
import { LANGUAGES } from '../i18n/index.ts'
import type { Actor } from '../rights/index.ts'
import { setting } from '../settings.ts'

/** The language of a request: the person's choice, the cookie of the switch, the browser's wish, the authority's own. */
export async function languageOf(req: Request, actor: Actor): Promise<string> {
  const authority = await setting('authority')
  const enabled = authority.languages.filter((code) => LANGUAGES.includes(code))
  const cookie: unknown = req.cookies?.['integral.lang']
  for (const code of [actor.language, cookie]) if (typeof code === 'string' && enabled.includes(code)) return code
  const wished = actor.personId === null ? req.acceptsLanguages(enabled) : false
  return wished || (enabled.includes(authority.defaultLanguage) ? authority.defaultLanguage : (LANGUAGES[0] as string))
}

/** The person's time zone, else the authority's. */
export const zoneOf = async (actor: Actor): Promise<string> => actor.timeZone ?? (await setting('authority')).timeZone
