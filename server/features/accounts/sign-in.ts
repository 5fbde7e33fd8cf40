import type { Request } from 'express'

/** Signs a person in on this browser: a new session id, with where it is from. */
export async function enterAs(req: Request, personId: number): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    req.login({ personId } as Express.User, (error) => (error ? reject(error) : resolve())),
  )
  req.session.ip = req.ip
  req.session.userAgent = req.get('user-agent')?.slice(0, 255)
}
