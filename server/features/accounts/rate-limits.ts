import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { tooManyTries } from './sign-in-service.ts'

/**
 * A pause for addresses from which too many attempts come. A school reaches us through one address, so the numbers are
 * generous; the lock of each account is the real protection. Per process: a single machine runs few of them.
 */
export const attemptsPerAddress = (limit: number, minutes: number): RequestHandler =>
  rateLimit({
    windowMs: minutes * 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    skip: (req) => req.method !== 'POST',
    handler: (_req, _res, next) => next(tooManyTries(minutes * 60)),
  })
