import type { Server } from 'node:http'
import cookieParser from 'cookie-parser'
import express, { type RequestHandler } from 'express'
import { context, securityHeaders } from '../../server/app.ts'
import { type Config, isInstalled, loadConfig } from '../../server/config.ts'
import { assets } from '../../server/core/http/assets.ts'
import { csrfFor } from '../../server/core/http/csrf.ts'
import { errorHandler, notFound } from '../../server/core/http/error-handler.ts'
import { Routes } from '../../server/core/http/route.ts'
import { trustProxy } from '../../server/core/http/trust-proxy.ts'
import { forgetSettings } from '../../server/core/settings.ts'
import { packageVersion } from '../../server/core/version.ts'
import { preferenceRoutes } from '../../server/features/accounts/preferences-router.ts'
import { addressesOf, sayInAll } from '../console.ts'
import { administratorRoutes } from './administrator-step.ts'
import { authorityRoutes } from './authority-step.ts'
import { contentRoutes } from './content-step.ts'
import { databaseRoutes } from './database-step.ts'
import { finishRoutes, type HandOver } from './finish-step.ts'
import { keyFile, readOrMakeKey } from './key.ts'
import { doorkeeper } from './key-page.ts'
import { machineRoutes } from './machine-step.ts'
import { mailRoutes } from './mail-step.ts'
import { removeTraces, SetupStore } from './state.ts'
import { withoutDatabase } from './without-database.ts'

export interface Wizard {
  /** The one-time key. */
  key: string
  /** Where and how to listen: only the environment can say so before the installation. */
  config: Config
}

/**
 * Serves the wizard on an HTTP server until the system is installed, then hands the server over. It is a small application
 * of its own: nothing of the system is reachable, and afterwards nothing of it remains.
 * @param start starts the installed system on the same server
 */
export function serveWizard(folder: string, server: Server, start: HandOver): Wizard {
  const store = new SetupStore(folder)
  const { secret } = store.read()
  const config = loadConfig(folder, { secret, database: { kind: 'sqlite', file: 'integral.sqlite' } })
  const key = readOrMakeKey(folder)
  const { limit, guard, routes: keyRoutes } = doorkeeper(store, key)
  const handOver = once(folder, start)
  withoutDatabase()

  const csrf = csrfFor(config)
  const routes = new Routes(csrf, new Set())
  routes.add('install', (collector) => {
    preferenceRoutes(collector)
    keyRoutes(collector)
    machineRoutes(collector, store)
    databaseRoutes(collector, store)
    authorityRoutes(collector, store)
    administratorRoutes(collector, store)
    mailRoutes(collector, store)
    contentRoutes(collector, store)
    finishRoutes(collector, store, handOver)
  })

  const app = express()
  app.disable('x-powered-by')
  trustProxy(app, config)
  app.use(securityHeaders(config))
  app.use(assets())
  app.get('/healthz', (_req, res) => res.json({ status: 'setup', version: packageVersion, database: 'none' }))
  app.use(installedMeanwhile(folder, handOver))
  app.use(context)
  app.use(cookieParser())
  app.use(express.urlencoded({ extended: true, limit: '100kb', parameterLimit: 200 }))
  app.use(express.json({ limit: '100kb' }))
  app.use(limit)
  app.get('/', (_req, res) => res.redirect(303, '/setup'))
  app.use(guard)
  app.use(routes.router)
  app.use(notFound)
  app.use(errorHandler(csrf))
  server.removeAllListeners('request')
  server.on('request', app)
  return { key, config }
}

/** Prints where the wizard is and its key; the file of the key is for hosts without a console. */
export function announceWizard({ key, config }: Wizard, folder: string): void {
  const addresses = addressesOf(config.port, config.host).map((address) => `  ${address}/setup?key=${key}`)
  sayInAll('install.start.wizard', { addresses: addresses.join('\n'), key, file: keyFile(folder) })
  console.log()
}

/** Another process, or the unattended installation, may have finished: then this one becomes the system as well. */
const installedMeanwhile =
  (folder: string, handOver: HandOver): RequestHandler =>
  (req, res, next) => {
    if (!isInstalled(folder) || req.path === '/setup/finish') return next()
    handOver(loadConfig(folder))
      .then(() => res.redirect(req.method === 'GET' ? 307 : 303, req.method === 'GET' ? req.originalUrl : '/'))
      .catch(next)
  }

/** Two requests may find the installation finished at the same time. A failed start may be tried again. */
function once(folder: string, start: HandOver): HandOver {
  let started: Promise<void> | undefined
  const finish = async (config: Config) => {
    try {
      await start(config)
      forgetSettings()
      removeTraces(folder)
    } catch (error) {
      started = undefined
      withoutDatabase()
      throw error
    }
  }
  return (config) => {
    started ??= finish(config)
    return started
  }
}
