import { createServer, type Server } from 'node:http'
import { type App, allJobs, allPermissions, allSockets, allSubscriptions, createApp } from './app.ts'
import type { Config } from './config.ts'
import { closeDatabase, openDatabase, rootDatabase, translateDriverError } from './core/db/index.ts'
import { migrate } from './core/db/migrate.ts'
import { UnavailableError } from './core/errors.ts'
import { startDispatcher, stopDispatcher } from './core/events/dispatcher.ts'
import { startWorker, stopWorker } from './core/jobs/index.ts'
import { log } from './core/log.ts'
import { startRealtime, stopRealtime } from './core/realtime/index.ts'
import { syncRoles } from './core/rights/roles.ts'
import { completeSearch } from './core/search/index.ts'
import { startSettings, stopSettings } from './core/settings.ts'

/** Opens the database and brings it up to date: what the server, commands and tests do first. */
export async function prepareDatabase(config: Config): Promise<void> {
  openDatabase(config.database)
  await migrate(rootDatabase())
  await syncRoles(allPermissions)
}

/** Starts what runs beside the pages: domain events, jobs and sockets. */
export function startBackground(server: Server, app: App): void {
  startSettings()
  startDispatcher(allSubscriptions)
  startWorker(allJobs)
  startRealtime(server, app.session, allSockets)
}

/** The longest time that one request may take to arrive; its head must be there within a minute. */
const UPLOAD_MS = 3 * 3_600_000

/** Starts the installed system on an HTTP server: a new one (not yet listening), or one that the installer leaves to it. */
export async function startSystem(config: Config, server: Server = createServer()): Promise<Server> {
  await prepareDatabase(config)
  const app = createApp(config)
  // A long film over a slow line takes its time; who falls silent is cut off in core/http/uploads.ts.
  server.requestTimeout = UPLOAD_MS
  server.removeAllListeners('request')
  server.on('request', app.express)
  startBackground(server, app)
  await completeSearch()
  return server
}

const PATIENCE_MS = 60_000

/**
 * Starts the installed system, waiting up to a minute for its database: after a power cut the database server may be ready
 * later than we are.
 * @throws what the last attempt threw
 */
export async function startPatiently(config: Config, server: Server): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    try {
      await startSystem(config, server)
      return
    } catch (error) {
      await closeDatabase()
      if (!(translateDriverError(error) instanceof UnavailableError) || Date.now() > until) throw error
      log.warn({ error }, 'the database does not answer yet')
      await new Promise((resolve) => setTimeout(resolve, 2000))
    }
  }
}

const LAST_ANSWERS_MS = 10_000

/** Ends work in order: no new requests, those under way, the job under way, the events, then the database. */
export async function stopSystem(server: Server): Promise<void> {
  const impatience = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS)
  await stopRealtime()
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(impatience)
  await stopWorker()
  await stopDispatcher()
  stopSettings()
  await closeDatabase()
}
