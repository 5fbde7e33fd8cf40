import { pino, stdSerializers } from 'pino'

type Described = Record<string, unknown> | null | undefined

/** A driver's error carries the statement with its values, and a refused duplicate: personal data have no place in a log. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { sql: _sql, sqlMessage: _said, ...rest } = (stdSerializers.err(error) as Described) ?? {}
  const mask = (text: unknown) =>
    typeof text === 'string' ? text.replace(/(Duplicate entry ').*?(' for key)/gs, '$1…$2') : text
  return { ...rest, message: mask(rest.message), stack: mask(rest.stack) }
}

/** An address as it may be logged: links of invitations and resets are as good as a password. */
export const loggedUrl = (url: string): string =>
  url.replace(/^\/(invitation|reset|register|install|unsubscribe)\/[^/?]+/, '/$1/…').replace(/\?.*/s, '?…')

/** The process's log: one JSON line per message on standard output. Secrets and request bodies are never logged. */
export const log = pino({
  level: process.env.LOG_LEVEL ?? 'info',
  serializers: { error: describeError, err: describeError },
  redact: ['req.headers.cookie', 'req.headers.authorization', 'password'],
})
