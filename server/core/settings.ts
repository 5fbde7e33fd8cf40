import { z } from 'zod'
import { inBackground } from './background.ts'
import { afterCommit, ambientTransaction, db, fromJson, toJson } from './db/index.ts'
import { log } from './log.ts'
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
  maintenance: z.object({
    /** Only administrators come in. */
    enabled: z.boolean().default(false),
    message: z.record(z.string(), z.string()).default({}),
  }),
  announcement: z.object({
    /** Above every page, in each language; empty: none. */
    text: z.record(z.string(), z.string()).default({}),
    /** The last day, or empty. */
    until: z.string().default(''),
  }),
  backups: z.object({
    /** A backup every night. */
    enabled: z.boolean().default(true),
    /** From this hour on, where the authority is. */
    hour: z.number().int().min(0).max(23).default(3),
    /** How many of them are kept. */
    keep: z.number().int().min(1).max(365).default(14),
  }),
  consents: z.object({
    /** The newest published text of a consent that people are asked for; 0: nothing is asked. */
    asked: z.number().int().default(0),
  }),
  files: z.object({
    /** The largest file for each use, in megabytes; what is not named keeps the limit that its feature declares. */
    limits: z.record(z.string(), z.number()).default({}),
    /** Room of one person for what anybody may send; 0: without limit. */
    personMegabytes: z.number().int().min(0).default(2000),
    /** Room of everything together; 0: without limit. */
    authorityMegabytes: z.number().int().min(0).default(0),
    /** So much of the disk is never filled with files. */
    keepFreeMegabytes: z.number().int().min(0).default(500),
    /** What becomes of a file when the virus scanner gives no answer. */
    unscanned: z.enum(['refuse', 'accept']).default('refuse'),
  }),
  /** Nobody's choice, but known to all processes: since when files cannot be kept, and the error's code. */
  storeTrouble: z.object({ since: z.string().default(''), code: z.string().default('') }),
  /** How long an answer to a request about personal data may take: Articles 20 and 21 of Federal Law 152-FZ. */
  dataRequests: z.object({
    accessWorkingDays: z.number().int().min(1).max(60).default(10),
    correctionWorkingDays: z.number().int().min(1).max(60).default(7),
    erasureDays: z.number().int().min(1).max(90).default(30),
  }),
  /** Days that things are kept, by kind; null: for ever; left out: as the feature says. */
  retention: z.record(z.string(), z.number().int().positive().nullable()),
  mail: z.object({
    enabled: z.boolean().default(false),
    host: z.string().default(''),
    port: z.number().default(587),
    security: z.enum(['none', 'starttls', 'tls']).default('starttls'),
    user: z.string().default(''),
    password: z.string().default(''),
    from: z.string().default(''),
  }),
  push: z.object({
    /** Notices may be shown by browsers: sealed, through the makers of these browsers. */
    enabled: z.boolean().default(true),
  }),
  /** The keys by which browsers know that a message is ours: made at first need, shown to nobody. */
  pushKeys: z.object({ publicKey: z.string().default(''), privateKey: z.string().default('') }),
  security: z.object({
    /** So long may people whose role demands the second step of signing in do without it. */
    factorGraceDays: z.number().int().min(0).max(365).default(14),
  }),
  /** A bot that writes to people in a messenger; an authority may not be allowed any. */
  messenger: z.object({
    enabled: z.boolean().default(false),
    /** The address of the HTTP interface, without the bot's secret. */
    server: z.string().default(''),
    token: z.string().default(''),
    /** Where people open the conversation with the bot; may be empty. */
    link: z.string().default(''),
  }),
  /** What flows to whom (core/visibility.ts), by the key of the switch: in the whole system, and otherwise in cohorts. */
  visibility: z.object({
    shown: z.record(z.string(), z.boolean()).default({}),
    cohorts: z.record(z.string(), z.record(z.string(), z.boolean())).default({}),
  }),
  /** What notices say instead of their own texts, by kind and language; `version` keeps two editors apart. */
  noticeTexts: z.record(
    z.string(),
    z.object({
      version: z.number(),
      texts: z.record(z.string(), z.object({ title: z.string().optional(), text: z.string().optional() })),
    }),
  ),
} as const

type Name = keyof typeof SCHEMAS
export type Setting<N extends Name> = z.infer<(typeof SCHEMAS)[N]>
/** What may be written: whatever has a default may be left out. */
type SettingInput<N extends Name> = z.input<(typeof SCHEMAS)[N]>

// Other processes see a change within this time; the process that made it sees it at once.
const REFRESH_MS = 3000
let cache: Map<string, string> | undefined
/** What is read because this process knows of a change: whoever asks meanwhile waits for it. */
let reading: Promise<void> | undefined
let changes = 0
let refresher: NodeJS.Timeout | undefined
/** Transactions that have changed settings: they see their own change, others see it after the commit. */
const changedIn = new WeakSet<object>()

/** Reads a setting. All are kept in memory and renewed beside the requests, so that asking costs no query. */
export async function setting<N extends Name>(name: N): Promise<Setting<N>> {
  const transaction = ambientTransaction()
  // A transaction waits for nobody: it holds a connection that the reader may need.
  if (transaction) return parse(name, cache && !changedIn.has(transaction) ? cache : await readRows())
  while (reading || !cache) await (reading ?? readAnew())
  return parse(name, cache)
}

const parsed = new Map<Name, { text: string | undefined; value: unknown }>()

/** A page asks for the same setting again and again: what is written the same is parsed once. */
function parse<N extends Name>(name: N, rows: Map<string, string> | undefined): Setting<N> {
  const text = rows?.get(name)
  const known = parsed.get(name)
  if (known && known.text === text) return known.value as Setting<N>
  const value = SCHEMAS[name].parse(fromJson(text, {}))
  parsed.set(name, { text, value })
  return value as Setting<N>
}

async function readRows(): Promise<Map<string, string>> {
  const rows: { name: string; value: string }[] = await db()('settings').whereIn('name', Object.keys(SCHEMAS))
  return new Map(rows.map((row) => [row.name, row.value]))
}

/** Reads all settings outside any transaction, unless somebody changes them meanwhile: then that is read. */
async function refresh(): Promise<void> {
  const before = changes
  const rows = await inBackground(readRows)
  if (before === changes) cache = rows
}

/** Reads the settings and lets everybody wait who asks for them. With the database gone, what was last seen still holds. */
function readAnew(): Promise<void> {
  const mine = refresh()
    .catch((error) => {
      if (!cache) throw error
    })
    .finally(() => {
      if (reading === mine) reading = undefined
    })
  reading = mine
  return mine
}

function noteChange(): void {
  changes++
  // Whoever asks next hears of a failure; here nobody listens.
  readAnew().catch(() => {})
}

/** Follows what other processes change. */
export function startSettings(): void {
  clearInterval(refresher)
  refresher = setInterval(() => {
    refresh().catch((error) => log.warn({ error }, 'the settings could not be read'))
  }, REFRESH_MS)
  refresher.unref()
}

export const stopSettings = (): void => clearInterval(refresher)

/** Writes a setting. The caller authorises and records the domain event. */
export async function saveSetting<N extends Name>(name: N, value: SettingInput<N>): Promise<void> {
  const row = { name, value: toJson(SCHEMAS[name].parse(value)), updated_at: nowUtc() }
  await db()('settings').insert(row).onConflict('name').merge()
  const transaction = ambientTransaction()
  if (transaction) changedIn.add(transaction)
  afterCommit(noteChange)
}

/**
 * Writes a setting unless it is there: what is made at first need is made once, though several processes need it.
 * @returns the one that holds
 */
export async function saveSettingOnce<N extends Name>(name: N, value: SettingInput<N>): Promise<Setting<N>> {
  const row = { name, value: toJson(SCHEMAS[name].parse(value)), updated_at: nowUtc() }
  await db()('settings').insert(row).onConflict('name').ignore()
  const kept = await db()('settings').where({ name }).first('value')
  afterCommit(noteChange)
  return SCHEMAS[name].parse(fromJson(kept.value, {})) as Setting<N>
}

/** Serves these settings without any database, until one is saved or forgotten: the installer runs before there is one. */
export const pinSettings = (values: { [N in Name]?: SettingInput<N> }): void => {
  changes++
  cache = new Map(Object.entries(values).map(([name, value]) => [name, toJson(value)] as const))
}

/**
 * Today's civil date where the authority is: what "employed until" and "enrolled from" are compared with. It reads the
 * setting as last seen, so that query fragments need not wait; every request reads settings before its first query.
 */
export const authorityToday = (): string => today(parse('authority', cache).timeZone)

/** A setting as last seen, for what cannot wait, such as putting words together. */
export const settingAsSeen = <N extends Name>(name: N): Setting<N> => parse(name, cache)

/** Forgets what was read; tests change databases under the process. */
export const forgetSettings = (): void => {
  changes++
  cache = undefined
}
