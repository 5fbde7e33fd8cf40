import { type Config, configFile, dataFolder } from '../server/config.ts'
import { translateDriverError } from '../server/core/db/index.ts'
import { NewerDatabaseError } from '../server/core/db/migrate.ts'
import { UnavailableError } from '../server/core/errors.ts'
import { LANGUAGES, translator } from '../server/core/i18n/index.ts'
import { driverCode } from './checks/connection-errors.ts'
import { checkFolder } from './checks/machine-check.ts'
import { sayInAll } from './console.ts'
import { machineNotice } from './wizard/words.ts'

/** Why a start failed, as `install.start.<code>`. */
type StartCode = 'newer' | 'database' | 'password' | 'portTaken' | 'portForbidden' | 'configuration' | 'other'

function codeOf(error: unknown): StartCode {
  if (error instanceof NewerDatabaseError) return 'newer'
  const code = driverCode(error)
  if (code === 'EADDRINUSE') return 'portTaken'
  if (code === 'EACCES') return 'portForbidden'
  if (['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR'].includes(code)) return 'password'
  if (translateDriverError(error) instanceof UnavailableError) return 'database'
  return String((error as Error)?.message).includes(configFile()) ? 'configuration' : 'other'
}

/** Ends the process with words if the data folder cannot be used: without it nothing can be remembered. */
export function demandFolder(folder: string): void {
  const finding = checkFolder(folder)
  if (finding.state === 'ok') return
  for (const language of LANGUAGES) {
    const { text, mend, commands } = machineNotice(finding, translator(language), language)
    console.error([`\n${text}`, mend, ...commands.map((command) => `  ${command}`)].filter(Boolean).join('\n'))
  }
  process.exit(1)
}

/** Says on the console why Integral could not start and what to do, then ends the process. */
export function explainStart(error: unknown, config?: Config): never {
  const message = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  const values = { message, file: configFile(), folder: dataFolder(), port: config?.port ?? '' }
  if (code === 'other') console.error(error)
  sayInAll(`install.start.${code}`, values, console.error)
  process.exit(1)
}
