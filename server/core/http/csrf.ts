import { doubleCsrf } from 'csrf-csrf'
import type { Request, Response } from 'express'
import type { Config } from '../../config.ts'
import { AppError } from '../errors.ts'

/** Makes and checks the tokens of forms: a signed cookie beside a hidden field, bound to the session where there is one. */
export type Csrf = { token: (req: Request, res: Response) => string; check: (req: Request) => void }

export function csrfFor(config: Config): Csrf {
  const { generateCsrfToken, validateRequest } = doubleCsrf({
    getSecret: () => config.secret,
    // Nobody's session is saved before sign-in, so its id differs at every request.
    getSessionIdentifier: (req) => (req.user ? req.sessionID : 'anonymous'),
    cookieName: 'integral.csrf',
    cookieOptions: {
      httpOnly: true,
      sameSite: 'lax',
      secure: config.secureCookies ?? config.publicUrl?.startsWith('https:') ?? false,
      path: '/',
    },
    getCsrfTokenFromRequest: (req) => req.body?._csrf ?? req.get('x-csrf-token'),
  })
  return {
    token: (req, res) => generateCsrfToken(req, res, { validateOnReuse: false }),
    check: (req) => {
      if (!validateRequest(req)) throw new AppError(403, 'errors.csrf')
    },
  }
}
