import type { RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy } from 'passport-local'
import type { Config } from '../../config.ts'
import { loadActor } from '../rights/actor.ts'
import type { Actor } from '../rights/index.ts'
import { setting } from '../settings.ts'
import { DatabaseSessionStore } from './store.ts'

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
  passport.serializeUser((user, done) => done(null, user.personId))
  passport.deserializeUser<number>((personId, done) => {
    setting('authority')
      .then((authority) => loadActor(personId, authority.timeZone))
      .then((actor) => done(null, actor ?? false))
      .catch(done)
  })
  return [
    session({
      name: 'integral.sid',
      secret: config.secret,
      store: new DatabaseSessionStore(),
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure: useSecureCookies(config), maxAge: 14 * 24 * 3600 * 1000 },
    }),
    passport.session(),
  ]
}
