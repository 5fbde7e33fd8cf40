import type { Request } from 'express'

const isOwn = (path: string) => /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(path)

/** Only an address of our own: a crafted link must not send people elsewhere after signing in. */
export const ownPath = (text: unknown): string => (typeof text === 'string' && isOwn(text) ? text : '/')

/** The page of ours whose button or form was sent; nothing where the browser does not say, or it is another site's. */
export function referringPath(req: Request): string {
  const referer = req.get('referer') ?? ''
  if (!URL.canParse(referer)) return ''
  const { host, pathname, search } = new URL(referer)
  return host === req.host && isOwn(pathname) ? pathname + search : ''
}
