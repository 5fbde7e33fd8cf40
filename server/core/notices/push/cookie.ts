import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'

const NAME = 'integral.push'
const YEAR_MS = 365 * 24 * 3600 * 1000

/** The secret by which a browser that shows messages is known again; empty if it shows none. */
export const browserOf = (req: Request): string => {
  const value: unknown = req.cookies?.[NAME]
  return typeof value === 'string' ? value.slice(0, 100) : ''
}

/** Gives a browser its secret. */
export function markBrowser(res: Response): string {
  const secret = randomBytes(24).toString('base64url')
  res.cookie(NAME, secret, { httpOnly: true, sameSite: 'lax', maxAge: YEAR_MS })
  return secret
}
