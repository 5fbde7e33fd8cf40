import type { RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy } from 'passport-local'
import type { Config } from '../../config.ts'
import type { Actor } from '../rights/index.ts'
import { DatabaseSessionStore, SESSION_SECONDS, SessionUser } from './store.ts'

export { hashSessionId } from './store.ts'

declare global {
  namespace Express {
    interface User extends Actor {}
  }
}

/** Checks a login and a password; says why not by an error for people. */
export type Authenticate = (login: string, password: string) => Promise<number>

const useSecureCookies = (config: Config) => config.secureCookies ?? config.publicUrl?.startsWith('https:') ?? false

/** The session cookie and, from it, the actor of each request. `authenticate` belongs to the feature `accounts`. */
export function sessionHandlers(config: Config, authenticate: Authenticate): RequestHandler[] {
  passport.use(
    new Strategy({ usernameField: 'login' }, (login, password, done) => {
      authenticate(login, password)
        .then((personId) => done(null, { personId } as Express.User))
        .catch(done)
    }),
  )
  passport.serializeUser((user, done) => done(null, new SessionUser(Number(user.personId), undefined)))
  // The store read them along with the session: one query tells who asks and what they may do.
  passport.deserializeUser<SessionUser>((user, done) => done(null, user.actor ?? false))
  return [
    session({
      name: 'integral.sid',
      secret: config.secret,
      store: new DatabaseSessionStore(),
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure: useSecureCookies(config), maxAge: SESSION_SECONDS * 1000 },
    }),
    passport.session(),
  ]
}
