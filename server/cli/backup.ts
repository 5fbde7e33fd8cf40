import { resolve } from 'node:path'
import { consoleLanguage } from '../../install/console.ts'
import { loadConfig } from '../config.ts'
import { makeBackup } from '../core/backup/make.ts'
import { formatFor } from '../core/i18n/format.ts'
import { translator } from '../core/i18n/index.ts'

// `npm run backup`: one file with the database and the files, made while the system runs; `-- --to FILE` puts it elsewhere.

process.umask(0o077)
const t = translator(consoleLanguage())
const format = formatFor(consoleLanguage(), 'UTC')
const chosen = process.argv[process.argv.indexOf('--to') + 1]
const target = process.argv.includes('--to') && chosen ? { target: resolve(chosen) } : {}
try {
  const { file, size, manifest } = await makeBackup(loadConfig(), target)
  const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0)
  const numbers = { rows: format.number(rows), files: manifest.files.length, size: format.number(size / 2 ** 20, 1) }
  console.log(t('backups.command.made', { file, ...numbers }))
  if (manifest.missing.length) console.log(t('backups.command.missing', { count: manifest.missing.length }))
} catch (error) {
  console.error(t('backups.command.failed', { reason: (error as Error).message }))
  process.exitCode = 1
}
