import { z } from 'zod'
import { afterCommit, db, fromJson, toJson } from './db/index.ts'
import { nowUtc, today } from './time.ts'

/** Settings that an administrator changes while the system runs, with what holds until someone does. */
const SCHEMAS = {
  authority: z.object({
    name: z.string().default('Integral'),
    languages: z.array(z.string()).default(['ru', 'en']),
    defaultLanguage: z.string().default('ru'),
    timeZone: z.string().default('Europe/Moscow'),
    contact: z.string().default(''),
    /** The address under which people reach the system; the configuration's own address goes before it. */
    url: z.string().default(''),
  }),
  registration: z.object({
    /** open: anyone; invitation: by a link; closed: administrators make accounts. */
    mode: z.enum(['open', 'invitation', 'closed']).default('closed'),
    /** New accounts wait for an administrator. */
    approval: z.boolean().default(true),
  }),
  mail: z.object({
    enabled: z.boolean().default(false),
    host: z.string().default(''),
    port: z.number().default(587),
    security: z.enum(['none', 'starttls', 'tls']).default('starttls'),
    user: z.string().default(''),
    password: z.string().default(''),
    from: z.string().default(''),
  }),
} as const

type Name = keyof typeof SCHEMAS
export type Setting<N extends Name> = z.infer<(typeof SCHEMAS)[N]>
/** What may be written: whatever has a default may be left out. */
type SettingInput<N extends Name> = z.input<(typeof SCHEMAS)[N]>

// Other processes see a change within this time; the process that made it sees it at once.
// Tests count queries, so theirs are read again only when forgotten.
const FRESH_MS = process.env.INTEGRAL_TEST_DB ? 3_600_000 : 5000
let cache: { at: number; rows: Map<string, string> } | undefined

/** Reads a setting (all are read together, at most once in five seconds). */
export async function setting<N extends Name>(name: N): Promise<Setting<N>> {
  if (!cache || Date.now() - cache.at > FRESH_MS) {
    cache = { at: Date.now(), rows: await readRows() }
  }
  return SCHEMAS[name].parse(fromJson(cache.rows.get(name), {})) as Setting<N>
}

async function readRows(): Promise<Map<string, string>> {
  try {
    const rows: { name: string; value: string }[] = await db()('settings').whereIn('name', Object.keys(SCHEMAS))
    return new Map(rows.map((row) => [row.name, row.value]))
  } catch (error) {
    // With the database gone the error page still wants the authority's name.
    if (cache) return cache.rows
    throw error
  }
}

/** What was read counts as old; it still answers where nothing can be read. */
const outdate = () => {
  if (cache) cache = { ...cache, at: 0 }
}

/** Writes a setting. The caller authorises and records the domain event. */
export async function saveSetting<N extends Name>(name: N, value: SettingInput<N>): Promise<void> {
  const row = { name, value: toJson(SCHEMAS[name].parse(value)), updated_at: nowUtc() }
  await db()('settings').insert(row).onConflict('name').merge()
  // The transaction sees its own change at once; what others read before its end is forgotten after it.
  outdate()
  afterCommit(outdate)
}

/** Serves these settings without any database, until one is saved or forgotten: the installer runs before there is one. */
export const pinSettings = (values: { [N in Name]?: SettingInput<N> }): void => {
  const rows = Object.entries(values).map(([name, value]) => [name, toJson(value)] as const)
  cache = { at: Number.POSITIVE_INFINITY, rows: new Map(rows) }
}

/**
 * Today's civil date where the authority is: what "employed until" and "enrolled from" are compared with. It reads the
 * setting as last seen, so that query fragments need not wait; every request reads settings before its first query.
 */
export const authorityToday = (): string =>
  today(SCHEMAS.authority.parse(fromJson(cache?.rows.get('authority'), {})).timeZone)

/** Forgets what was read; tests change databases under the process. */
export const forgetSettings = (): void => {
  cache = undefined
}
