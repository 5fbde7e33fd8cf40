import { randomUUID } from 'node:crypto'
import cookieParser from 'cookie-parser'
import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Config } from './config.ts'
import { setAttention } from './core/attention.ts'
import { countQueries, rootDatabase } from './core/db/index.ts'
import { redeliver, type Subscription } from './core/events/dispatcher.ts'
import type { Feature } from './core/feature.ts'
import { setFileOwners } from './core/files/index.ts'
import { setConverter } from './core/files/previews/office.ts'
import { setScanner } from './core/files/scanner.ts'
import { setStores, storesOf } from './core/files/stores/index.ts'
import { setFileUses } from './core/files/uses.ts'
import { setTours } from './core/help/tours.ts'
import { coreCleanings, coreKeepings } from './core/housekeeping/core-cleanings.ts'
import { cleaningOf, housekeepingJob, setKeepings } from './core/housekeeping/index.ts'
import { assets } from './core/http/assets.ts'
import { setConfiguredUrl } from './core/http/base-url.ts'
import { withRequestContext } from './core/http/context.ts'
import { csrfFor } from './core/http/csrf.ts'
import { errorHandler, notFound } from './core/http/error-handler.ts'
import { setNavigation } from './core/http/navigation.ts'
import { type RouteInfo, Routes } from './core/http/route.ts'
import { noteTiming } from './core/http/timings.ts'
import { trustProxy } from './core/http/trust-proxy.ts'
import type { JobDefinition } from './core/jobs/index.ts'
import { log, loggedUrl } from './core/log.ts'
import { mailJobs } from './core/mail/index.ts'
import { noticeJobs } from './core/notices/deliver.ts'
import { setNoticeKinds } from './core/notices/kinds.ts'
import { corePersonalData } from './core/personal-data/core-tables.ts'
import { setPersonalData } from './core/personal-data/declarations.ts'
import { checkSockets } from './core/realtime/index.ts'
import { setExplanations } from './core/rights/explanations.ts'
import { setKnownPermissions } from './core/rights/permissions.ts'
import type { PermissionDeclaration } from './core/rights/roles.ts'
import { searchCleanings, searchJobs, searchSubscription, setSearchKinds } from './core/search/index.ts'
import { sessionHandlers } from './core/session/index.ts'
import { packageVersion } from './core/version.ts'
import { setVisibility } from './core/visibility.ts'
import { attemptsPerAddress } from './features/accounts/rate-limits.ts'
import { authenticate } from './features/accounts/sign-in-service.ts'
import { features } from './features.ts'

const collect = <T>(get: (feature: Feature) => T[] | undefined): T[] =>
  features.flatMap((feature) => get(feature) ?? [])
const merge = <T>(get: (feature: Feature) => Record<string, T> | undefined): Record<string, T> =>
  Object.assign({}, ...features.map((feature) => get(feature) ?? {}))

/** Every permission of every feature. */
export const allPermissions: Record<string, PermissionDeclaration> = merge((feature) => feature.permissions)
const allSearchKinds = features.flatMap((feature) => feature.search ?? [])
export const allSubscriptions: Subscription[] = [
  ...collect((feature) => feature.subscriptions),
  {
    name: 'realtime.check',
    events: features.flatMap((feature) => feature.endsRights ?? []),
    handle: async () => checkSockets(),
  },
  searchSubscription(allSearchKinds),
]
export const allSockets = collect((feature) => feature.sockets)
export const allKeepings = [...coreKeepings, ...collect((feature) => feature.retention && [...feature.retention])]
export const allCleanings = [
  ...allKeepings.map(cleaningOf),
  ...coreCleanings,
  ...searchCleanings,
  ...features.flatMap((feature) => feature.housekeeping ?? []),
]
export const allJobs: JobDefinition[] = [
  ...mailJobs,
  ...noticeJobs,
  ...searchJobs,
  { kind: 'events.redeliver', run: redeliver, attempts: 8 },
  ...collect((feature) => feature.jobs),
  housekeepingJob(allCleanings),
]

/** What features keep about people, then what the core does. */
export const allPersonalData = [
  ...collect((feature) => (feature.personalData ? [feature.personalData] : undefined)),
  corePersonalData,
]

/** Tells the core what features declare: before the first of their services is called, in the installer too. */
export function declareFeatures(): void {
  setNavigation(collect((feature) => feature.navigation))
  setTours(features.flatMap((feature) => feature.tours ?? []))
  setVisibility(merge((feature) => feature.visibility))
  setKnownPermissions(Object.keys(allPermissions))
  setExplanations(merge((feature) => feature.explanations))
  setPersonalData(allPersonalData)
  setKeepings(allKeepings)
  setNoticeKinds(merge((feature) => feature.notices))
  setAttention(collect((feature) => (feature.attention ? [feature.attention] : undefined)))
  setSearchKinds(allSearchKinds)
  setFileOwners(merge((feature) => feature.fileOwners))
  setFileUses(merge((feature) => feature.fileUses))
}

export type App = { express: Express; session: RequestHandler[]; routes: readonly RouteInfo[] }

/** The application without a listener: the same in the server, in tests and in the benchmark. */
export function createApp(config: Config): App {
  const app = express()
  const csrf = csrfFor(config)
  const session = sessionHandlers(config, authenticate)
  const routes = new Routes(csrf, new Set(Object.keys(allPermissions)))
  declareFeatures()
  setConfiguredUrl(config.publicUrl)
  setStores(storesOf(config))
  setScanner(config.scanner)
  setConverter(config.converter)
  for (const feature of features) routes.add(feature.name, (collector) => feature.routes?.(collector))

  app.disable('x-powered-by')
  // Pages are kept by no cache; assets have tags of their own.
  app.disable('etag')
  trustProxy(app, config)
  app.use(securityHeaders(config))
  app.use(assets())
  app.get('/healthz', health)
  app.use(context)
  app.use(cookieParser())
  app.use(...session)
  // Two long articles in Cyrillic letters take six bytes a letter on the wire.
  app.use(express.urlencoded({ extended: true, limit: '2mb', parameterLimit: 5000 }))
  app.use(express.json({ limit: '1mb' }))
  app.use(
    ['/sign-in', '/forgot', '/start', '/invitation', '/reset', '/register', '/email'],
    attemptsPerAddress(config.attemptsPerAddress, 10),
  )
  app.use(routes.router)
  app.use(notFound)
  app.use(errorHandler(csrf))
  return { express: app, session, routes: routes.list }
}

/** Scripts, styles and pictures only from ourselves: an authority's network may have no internet. */
export const securityHeaders = (config: Config) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        styleSrc: ["'self'"],
        // Scripts of libraries set positions through element.style, which a policy does not forbid; attributes it does.
        scriptSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    strictTransportSecurity: config.publicUrl?.startsWith('https:') ?? false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  })

export const context: RequestHandler = (req, res, next) => {
  const requestId = randomUUID()
  const started = performance.now()
  withRequestContext({ requestId, ip: req.ip ?? null }, () => {
    const { counts } = countQueries(() => next())
    res.on('finish', () => {
      const ms = Math.round(performance.now() - started)
      noteTiming(req, ms)
      log.debug(
        { requestId, method: req.method, url: loggedUrl(req.originalUrl), status: res.statusCode, ms, ...counts },
        'request',
      )
    })
    if (process.env.INTEGRAL_COUNT_QUERIES) {
      const end = res.end.bind(res)
      res.end = ((...args: Parameters<typeof end>) => {
        if (!res.headersSent) res.set('X-Query-Count', String(counts.queries))
        return end(...args)
      }) as typeof res.end
    }
  })
}

const health: RequestHandler = async (_req, res) => {
  const version = packageVersion
  try {
    await rootDatabase().raw('select 1')
    res.json({ status: 'ok', version, database: 'ok' })
  } catch {
    res.status(503).json({ status: 'unavailable', version, database: 'gone' })
  }
}
