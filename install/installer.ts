import { resolve } from 'node:path'
import { allPermissions, declareFeatures } from '../server/app.ts'
import type { Config } from '../server/config.ts'
import {
  closeDatabase,
  db,
  fromJson,
  openDatabase,
  rootDatabase,
  toJson,
  withTransaction,
} from '../server/core/db/index.ts'
import { knownMigrations, migrate } from '../server/core/db/migrate.ts'
import { AppError } from '../server/core/errors.ts'
import { syncRoles } from '../server/core/rights/roles.ts'
import { saveSetting } from '../server/core/settings.ts'
import { nowUtc } from '../server/core/time.ts'
import { packageVersion } from '../server/core/version.ts'
import type { AuthorityAnswers, Content, DatabaseInput, MailAnswers } from './answers.ts'
import { toDatabaseConfig } from './answers.ts'
import { checkDatabase, type DatabaseReport, type DatabaseSettings } from './checks/database-check.ts'
import { configFrom, writeConfiguration } from './configuration.ts'
import { type DemonstrationAccount, loadContent } from './content.ts'
import { writeAdministrator } from './first-administrator.ts'
import type { RememberedAdministrator } from './wizard/state.ts'

/** Everything that an installation needs to know. */
export interface InstallPlan {
  /** Names this installation: the marks that it leaves in the database carry it. */
  id: string
  secret: string
  address: string
  listen?: { host?: string | undefined; port?: number | undefined }
  database: DatabaseInput
  /** Take over the finished installation that is in the database, and leave its data alone. */
  takeOver: boolean
  authority?: AuthorityAnswers
  administrator?: RememberedAdministrator
  mail?: MailAnswers | null
  content?: Content
}

export const STAGES = ['database', 'tables', 'settings', 'content', 'configuration'] as const
export type Stage = (typeof STAGES)[number]

/** The database of the plan cannot be used (any more); the report says why. */
export class DatabaseRefusal extends AppError {
  readonly report: DatabaseReport

  constructor(report: DatabaseReport) {
    super(409, `install.databaseFound.${report.code}`, { values: report.values })
    this.report = report
  }
}

/** Tries the database of the answers; a file is looked for in the data folder. */
export async function tryDatabase(folder: string, input: DatabaseInput, create: boolean): Promise<DatabaseReport> {
  const settings: DatabaseSettings =
    input.kind === 'sqlite'
      ? { kind: 'sqlite', file: resolve(folder, input.file) }
      : { ...input, socket: input.socket ?? undefined }
  return checkDatabase(settings, { create, migrations: await knownMigrations() })
}

/**
 * Installs: tables, settings, administrator, content, and last of all the configuration. Cut off anywhere and begun anew
 * with the same plan, it goes on where it was and repeats nothing.
 * @returns the configuration that was written, and the sign-ins of the demonstration if there is one
 * @throws DatabaseRefusal
 */
export async function install(
  folder: string,
  plan: InstallPlan,
  onStage: (stage: Stage) => void = () => {},
): Promise<{ config: Config; accounts: DemonstrationAccount[] }> {
  onStage('database')
  const report = await tryDatabase(folder, plan.database, true)
  if (!report.isUsable) throw new DatabaseRefusal(report)
  const stored = {
    secret: plan.secret,
    publicUrl: plan.address,
    ...plan.listen,
    database: toDatabaseConfig(plan.database),
  }
  declareFeatures()
  openDatabase(configFrom(folder, stored).database)
  let accounts: DemonstrationAccount[] = []
  try {
    onStage('tables')
    await migrate(rootDatabase())
    await syncRoles(allPermissions)
    const finished = await readMark<{ id: string }>('installed')
    if (finished && finished.id !== plan.id && !plan.takeOver) {
      throw new DatabaseRefusal({ ...report, code: 'existing', isUsable: false })
    }
    if (!finished) accounts = await fill(plan, onStage)
  } finally {
    await closeDatabase()
  }
  onStage('configuration')
  writeConfiguration(folder, stored)
  return { config: configFrom(folder, stored), accounts }
}

async function fill(plan: InstallPlan, onStage: (stage: Stage) => void): Promise<DemonstrationAccount[]> {
  const { authority, administrator, mail = null, content = 'empty' } = plan
  if (!authority || !administrator) throw new Error('The plan names neither the authority nor its administrator')
  onStage('settings')
  await withTransaction(async () => {
    await saveSetting('authority', {
      name: authority.name,
      languages: authority.languages,
      defaultLanguage: authority.language,
      timeZone: authority.timeZone,
      contact: administrator.email,
    })
    if (mail) await saveSetting('mail', { enabled: true, ...mail, from: senderOf(authority.name, mail.from) })
    const begun = await readMark<{ administratorId: number }>('installing')
    const administratorId = await writeAdministrator(administrator, authority, begun?.administratorId)
    await writeMark('installing', { id: plan.id, administratorId })
  })
  onStage('content')
  const accounts = await loadContent(content, plan.secret)
  await writeMark('installed', { id: plan.id, version: packageVersion, content, at: nowUtc() })
  return accounts
}

/** "Управление образования" <noreply@…>: people see who writes to them. */
const senderOf = (name: string, address: string) => `"${name.replace(/["\\]/g, '')}" <${address}>`

/** The installer's marks lie among the settings, but are none that anyone changes. */
async function readMark<T>(name: 'installing' | 'installed'): Promise<T | undefined> {
  const row: { value: string } | undefined = await db()('settings').where({ name }).first('value')
  return row && fromJson<T | undefined>(row.value, undefined)
}

async function writeMark(name: 'installing' | 'installed', value: object): Promise<void> {
  const row = { name, value: toJson(value), updated_at: nowUtc() }
  await db()('settings').insert(row).onConflict('name').merge()
}
