import { setting } from '../settings.ts'

let configured: string | undefined

/** Tells the address that the configuration names, if any; called once at start. */
export const setConfiguredUrl = (url: string | undefined): void => {
  configured = url
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '')

/** The address that the configuration or, after it, the authority's setting names. */
const namedUrl = async (): Promise<string> => withoutSlash(configured || (await setting('authority')).url)

/**
 * The address under which people reach the system, without a slash at its end: for links in letters and on slips. Never
 * taken from a request, whose Host anyone can forge.
 */
export const baseUrl = async (): Promise<string> => (await namedUrl()) || `http://localhost:${process.env.PORT ?? 3000}`

/** The full address of a page, or null if nobody has named the system's: a letter then says where to look instead. */
export async function absoluteUrl(path: string): Promise<string | null> {
  const base = await namedUrl()
  return base ? `${base}${path}` : null
}
