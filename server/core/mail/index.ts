import nodemailer from 'nodemailer'
import { chunks, db, rootDatabase, toJson } from '../db/index.ts'
import type { JobDefinition } from '../jobs/index.ts'
import { log } from '../log.ts'
import { type Setting, setting } from '../settings.ts'
import { inSeconds, nowUtc } from '../time.ts'
import { explainMailError, isOfServer, type SmtpError } from './explain.ts'
import { restsUntil } from './quiet.ts'

export type Letter = {
  /** `feature.kind`. */
  kind: string
  to: string
  personId: number | null
  language: string
  subject: string
  text: string
  /** The same letter is never sent twice. */
  dedupeKey?: string
  /** Where the reader may stop such letters without signing in; mail programs show it as a button. */
  unsubscribeUrl?: string | null
}

/** Puts a letter into the outbox, in the ambient transaction; the worker sends it after the commit. */
export const queueLetter = (letter: Letter): Promise<void> => queueLetters([letter])

/**
 * Puts many letters into the outbox at once. For letters that always come (accounts, passwords); whatever people may choose
 * about is a notice (`core/notices`).
 */
export async function queueLetters(letters: readonly Letter[]): Promise<void> {
  const now = nowUtc()
  for (const piece of chunks(letters, 200)) {
    const rows = piece.map((letter) => ({
      dedupe_key: letter.dedupeKey ?? null,
      kind: letter.kind,
      person_id: letter.personId,
      to_address: letter.to,
      language: letter.language,
      subject: letter.subject.replace(/[\r\n]+/g, ' ').slice(0, 255),
      body_text: letter.text,
      unsubscribe_url: letter.unsubscribeUrl ?? null,
      state: 'waiting',
      next_attempt_at: now,
      created_at: now,
    }))
    await db()('mail_outbox').insert(rows).onConflict('dedupe_key').ignore()
  }
}

/** Takes back letters of a kind that still wait to be sent: what they say holds no longer. */
export async function withdrawLetters(kind: string, personIds: readonly number[]): Promise<void> {
  for (const piece of chunks(personIds)) {
    await db()('mail_outbox').where({ kind, state: 'waiting' }).whereIn('person_id', piece).del()
  }
}

const MOST_ATTEMPTS = 10
const SENDING_SECONDS = 300
const BATCH = 100

/** A transport for these settings, with short time limits: a silent server must not hold the queue. */
export const transportFor = (mail: Setting<'mail'>, pooling: object = {}) =>
  nodemailer.createTransport({
    ...pooling,
    host: mail.host,
    port: mail.port,
    secure: mail.security === 'tls',
    requireTLS: mail.security === 'starttls',
    ignoreTLS: mail.security === 'none',
    auth: mail.user ? { user: mail.user, pass: mail.password } : undefined,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  })

/**
 * Sends a batch of what waits in the outbox; what fails is tried again later and later. Letters wait while mail is switched off,
 * and once `mayGoOn` says no: a silent server would keep a process that stops for minutes.
 */
export async function sendWaitingLetters(mayGoOn: () => boolean = () => true): Promise<number> {
  const mail = await setting('mail')
  if (!mail.enabled) return 0
  const outbox = () => rootDatabase()('mail_outbox')
  // All of them through one connection: servers count those, and each begins with a long greeting.
  const transport = transportFor(mail, { pool: true, maxConnections: 1, maxMessages: Number.POSITIVE_INFINITY })
  let sent = 0
  const due = await outbox()
    .whereIn('state', ['waiting', 'sending'])
    .where('next_attempt_at', '<=', nowUtc())
    .orderBy('id')
    .limit(BATCH)
  for (const letter of due) {
    if (!mayGoOn()) break
    const quiet = await restsUntil(letter)
    if (quiet) {
      await outbox().where({ id: letter.id, attempts: letter.attempts }).update({ next_attempt_at: quiet })
      continue
    }
    // Claimed by raising the attempt: a second process that read the same row gets nothing. If this one dies, the letter is
    // tried again when the time is over.
    const { id, attempts, state: before } = letter
    const claim = { state: 'sending', attempts: attempts + 1, next_attempt_at: inSeconds(SENDING_SECONDS) }
    if (!(await outbox().where({ id, attempts, state: before }).update(claim))) continue
    try {
      await transport.sendMail({
        from: mail.from,
        to: letter.to_address,
        subject: letter.subject,
        text: letter.body_text,
        ...(letter.unsubscribe_url ? { list: { unsubscribe: letter.unsubscribe_url } } : {}),
      })
      // Letters about accounts hold links that are as good as a password: they are not kept.
      const body = letter.kind.startsWith('accounts.') ? { body_text: '' } : {}
      await outbox()
        .where({ id: letter.id })
        .update({ state: 'sent', sent_at: nowUtc(), error: null, error_code: null, error_values: null, ...body })
      sent++
    } catch (error) {
      log.warn({ error, letter: letter.id }, 'a letter could not be sent')
      const state = attempts + 1 >= MOST_ATTEMPTS ? 'failed' : 'waiting'
      const { code } = explainMailError(error as SmtpError)
      await outbox()
        .where({ id: letter.id })
        .update({
          state,
          error: wordsOf(error),
          error_code: code,
          // What the settings were then: whoever reads the reason later may have changed them.
          error_values: toJson({ host: mail.host, port: mail.port, user: mail.user, from: mail.from }),
          next_attempt_at: inSeconds(60 * 2 ** attempts),
        })
      // The server takes nothing at all: the others keep their tries, and this run does not wait for each of them.
      if (isOfServer(code)) break
    }
  }
  transport.close()
  return sent
}

/** What the server itself said, else what the network did. */
const wordsOf = (error: unknown): string => String((error as { response?: string })?.response || error).slice(0, 1000)

export const mailJobs: JobDefinition[] = [
  {
    kind: 'mail.send',
    schedule: '*/10 * * * * *',
    run: async (_payload, { mayGoOn }) => {
      // Until no whole batch goes out: the rest waits for its time, or for the server.
      let sent = 0
      for (let some = BATCH; some === BATCH && mayGoOn(); sent += some) some = await sendWaitingLetters(mayGoOn)
      return { sent }
    },
  },
]
