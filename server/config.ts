import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { packageRoot } from './core/paths.ts'

const databaseSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sqlite'), file: z.string().min(1) }),
  z.object({
    kind: z.literal('mysql'),
    host: z.string().default('127.0.0.1'),
    port: z.coerce.number().int().min(1).max(65535).default(3306),
    socket: z.string().optional(),
    user: z.string().min(1),
    password: z.string().default(''),
    database: z.string().min(1),
    pool: z.coerce.number().int().min(1).max(100).default(10),
  }),
])

/** Every setting of the process. What an administrator changes while running lives in the table `settings` instead. */
const configSchema = z.object({
  dataFolder: z.string(),
  host: z.string().default('0.0.0.0'),
  port: z.coerce.number().int().min(0).max(65535).default(3000),
  publicUrl: z.url().optional(),
  secret: z.string().min(32),
  /**
   * Whose word about the visitor's address is taken: a number of proxies, or Express's names and addresses. By default a web
   * server on the same machine or in the same private network; anybody else could make up addresses and so escape limits.
   */
  trustProxy: z
    .union([z.coerce.number().int().min(0).max(10), z.string().regex(/^[\w.:/, ]+$/)])
    .default('loopback, linklocal, uniquelocal'),
  secureCookies: z.boolean().optional(),
  /** How often in ten minutes one address may try to sign in, to register or to use a link. */
  attemptsPerAddress: z.number().int().min(1).default(100),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  database: databaseSchema,
})

export type DatabaseConfig = z.infer<typeof databaseSchema>
export type Config = z.infer<typeof configSchema>

/** The folder with the configuration, the embedded database and the files. */
export const dataFolder = (): string => resolve(process.env.INTEGRAL_DATA ?? join(packageRoot, 'data'))

/** Where the wizard leaves the configuration. Its absence means: not installed yet. */
export const configFile = (folder = dataFolder()): string => join(folder, 'config.json')

export const isInstalled = (folder = dataFolder()): boolean => existsSync(configFile(folder))

/** A secret from `NAME`, or from the file that `NAME_FILE` names (Docker, systemd credentials). */
export function secretFrom(name: string): string | undefined {
  const file = process.env[`${name}_FILE`]
  return file ? readFileSync(file, 'utf8').trim() : process.env[name]
}

/** What the installer left; an empty object before that. */
const readStored = (folder: string): Record<string, unknown> =>
  isInstalled(folder) ? JSON.parse(readFileSync(configFile(folder), 'utf8')) : {}

/**
 * Reads the configuration: environment over file.
 * @param stored in place of the file: what the installer is about to write
 * @throws Error that names each wrong setting
 */
// biome-ignore lint/suspicious/noExplicitAny: the schema below decides
export function loadConfig(folder = dataFolder(), stored: Record<string, any> = readStored(folder)): Config {
  const database = { ...stored.database }
  const password = secretFrom('INTEGRAL_DB_PASSWORD')
  if (password !== undefined) database.password = password
  if (process.env.INTEGRAL_DB_HOST) database.host = process.env.INTEGRAL_DB_HOST
  const merged = {
    ...stored,
    dataFolder: folder,
    database,
    host: process.env.HOST ?? stored.host,
    port: process.env.PORT ?? stored.port,
    publicUrl: process.env.INTEGRAL_URL ?? stored.publicUrl,
    secret: secretFrom('INTEGRAL_SECRET') ?? stored.secret,
    trustProxy: process.env.INTEGRAL_TRUST_PROXY ?? stored.trustProxy,
    logLevel: process.env.LOG_LEVEL ?? stored.logLevel,
  }
  if (database.kind === 'sqlite') database.file = resolve(folder, database.file)
  const parsed = configSchema.safeParse(merged)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`).join('\n')
  throw new Error(`The configuration in ${configFile(folder)} is not usable:\n${wrong}`)
}
