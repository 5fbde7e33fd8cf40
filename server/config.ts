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

/** Where uploaded files are kept: on this machine's disk, or in an S3-compatible store. */
const storageSchema = z
  .object({
    kind: z.enum(['disk', 's3']).default('disk'),
    s3: z
      .object({
        endpoint: z.url({ protocol: /^https?$/ }),
        region: z.string().min(1).default('us-east-1'),
        bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
        accessKey: z.string().min(1),
        secretKey: z.string().min(1),
        pathStyle: z.stringbool().or(z.boolean()).default(true),
        prefix: z
          .string()
          .regex(/^([\w-]+\/)*$/)
          .default(''),
      })
      .optional(),
  })
  .refine(({ kind, s3 }) => kind === 'disk' || s3, { message: 'an S3 store needs an endpoint', path: ['s3'] })

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
  /** With `kind: 'disk'` and a store named as well, what still lies in the store is served from there. */
  storage: storageSchema.optional(),
  /** A command that looks for viruses, `{file}` in the place of the file: ends with 0 for clean, 1 for infected. */
  scanner: z.string().optional(),
  /** LibreOffice, for previews of office documents: a path; found by itself if it is not named; `off`. */
  converter: z.string().optional(),
})

export type DatabaseConfig = z.infer<typeof databaseSchema>
export type StorageConfig = z.infer<typeof storageSchema>
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

/** `INTEGRAL_S3_BUCKET` and the like, by what they set. */
const S3_VARIABLES = {
  endpoint: 'INTEGRAL_S3_ENDPOINT',
  region: 'INTEGRAL_S3_REGION',
  bucket: 'INTEGRAL_S3_BUCKET',
  accessKey: 'INTEGRAL_S3_ACCESS_KEY',
  secretKey: 'INTEGRAL_S3_SECRET_KEY',
  pathStyle: 'INTEGRAL_S3_PATH_STYLE',
  prefix: 'INTEGRAL_S3_PREFIX',
}

/** The store of files: what the environment names goes before the file; an endpoint alone means that it is used. */
function storageFrom(stored: { kind?: string; s3?: object } | undefined): unknown {
  const named = Object.entries(S3_VARIABLES).flatMap(([name, variable]) => {
    const value = secretFrom(variable)
    return value === undefined ? [] : [[name, value] as const]
  })
  const s3 = named.length || stored?.s3 ? { ...stored?.s3, ...Object.fromEntries(named) } : undefined
  const kind = process.env.INTEGRAL_STORAGE ?? stored?.kind ?? (s3 ? 's3' : undefined)
  return kind || s3 ? { ...(kind && { kind }), ...(s3 && { s3 }) } : undefined
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
    storage: storageFrom(stored.storage),
    scanner: process.env.INTEGRAL_SCANNER ?? stored.scanner,
    converter: process.env.INTEGRAL_CONVERTER ?? stored.converter,
  }
  if (database.kind === 'sqlite') database.file = resolve(folder, database.file)
  const parsed = configSchema.safeParse(merged)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`).join('\n')
  throw new Error(`The configuration in ${configFile(folder)} is not usable:\n${wrong}`)
}
