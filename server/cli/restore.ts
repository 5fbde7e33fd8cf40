import { resolve } from 'node:path'
import { consoleLanguage } from '../../install/console.ts'
import { RestoreRefusal, restore } from '../../install/restore.ts'
import { type DatabaseConfig, dataFolder } from '../config.ts'
import { DamagedBackupError } from '../core/backup/format.ts'
import { translator } from '../core/i18n/index.ts'

/**
 * `npm run restore -- FILE`: puts a backup into the database and the files of this machine. `--replace` in the place of what
 * is there; `--database mysql://user:password@host:3306/name` where nothing is configured yet. Ends with 1 if it is refused.
 */
process.umask(0o077)
const t = translator(consoleLanguage())
const args = process.argv.slice(2)
const databaseAt = args.indexOf('--database')
const file = args.find((arg, at) => !arg.startsWith('--') && (databaseAt < 0 || at !== databaseAt + 1))

function databaseOf(address: string): DatabaseConfig {
  const url = new URL(address)
  if (!/^(mysql|mariadb):$/.test(url.protocol)) throw new RestoreRefusal('address')
  return {
    kind: 'mysql',
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    pool: 10,
  }
}

function explain(error: unknown): string {
  if (error instanceof DamagedBackupError) return t(`backups.damage.${error.code}`, { detail: error.message })
  if (!(error instanceof RestoreRefusal)) return t('backups.command.failed', { reason: (error as Error).message })
  const { code, report } = error
  if (['existing', 'running', 'olderBackup', 'address'].includes(code)) return t(`backups.refusal.${code}`)
  return t(`install.databaseFound.${code}`, report?.values)
}

if (!file) {
  console.error(t('backups.command.usage'))
  process.exit(2)
}
try {
  let stage = ''
  const { manifest } = await restore(resolve(file), {
    folder: dataFolder(),
    replace: args.includes('--replace'),
    ...(databaseAt >= 0 ? { database: databaseOf(String(args[databaseAt + 1])) } : {}),
    onStage: (now) => {
      if (now !== stage) console.log(t(`backups.stage.${now}`))
      stage = now
    },
  })
  console.log(t('backups.command.restored', { authority: manifest.authority, when: manifest.createdAt }))
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
