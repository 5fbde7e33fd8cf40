import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createApp } from '../app.ts'
import type { Config } from '../config.ts'
import { db } from '../core/db/index.ts'
import { observePages, type RenderedPage } from '../core/http/send.ts'
import { renderView } from '../core/http/view.ts'
import { mailJobs, queueLetters } from '../core/mail/index.ts'
import { type Setting, saveSetting, setting } from '../core/settings.ts'
import { prepareDatabase } from '../start.ts'

/**
 * A child of the benchmark: the application on one port, and on another a bare Express app that renders the same views
 * from the view-models that the application made last, with no session, database or middleware: the limit.
 */
const config: Config = JSON.parse(process.argv[2] as string)
// Permissions may have been declared since the data were built.
await prepareDatabase(config)
const seen = new Map<string, RenderedPage>()
observePages((path, rendered) => seen.set(path, rendered))

const app = createServer(createApp(config).express)
const bare = express()
bare.get(/.*/, async (req, res) => {
  const rendered = seen.get(req.originalUrl)
  if (!rendered) return void res.sendStatus(404)
  const body = await renderView(rendered.view, rendered.locals)
  const html = await renderView(rendered.layout, { ...rendered.locals, body })
  res.type('html').send(html)
})
const limit = createServer(bare)
await Promise.all([app, limit].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))))
const portOf = (server: typeof app) => (server.address() as AddressInfo).port
process.send?.({ app: portOf(app), limit: portOf(limit) })

/** Sends so many letters from the outbox through the mail server at that port, then says how many went out. */
process.on('message', async ({ letters, smtpPort }: { letters: number; smtpPort: number }) => {
  const mail = { enabled: true, host: '127.0.0.1', port: smtpPort, from: 'bench@school.example', security: 'none' }
  await saveSetting('mail', { ...(await setting('mail')), ...(mail as Partial<Setting<'mail'>>) })
  const letter = {
    kind: 'bench.letter',
    personId: null,
    language: 'ru',
    subject: 'Проверка',
    text: 'Письмо.\n'.repeat(20),
  }
  await queueLetters(Array.from({ length: letters }, (_, n) => ({ ...letter, to: `learner${n}@school.example` })))
  const [job] = mailJobs
  process.send?.({ sending: true })
  const result = await job?.run(null, { jobId: 0, progress: async () => {}, mayGoOn: () => true })
  await db()('mail_outbox').where({ kind: letter.kind }).del()
  process.send?.(result)
})
process.on('disconnect', () => process.exit(0))
