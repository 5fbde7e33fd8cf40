import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataFolder } from '../../config.ts'
import { backupsFolder } from '../../core/backup/make.ts'
import type { MatrixRow } from '../../testing/matrix.ts'

let count = 0

/** A file that has the name of a backup: only its name is looked at. */
function makeFile(): string {
  const name = `integral-20200101-${String(++count).padStart(6, '0')}.zip`
  mkdirSync(backupsFolder(dataFolder()), { recursive: true })
  writeFileSync(join(backupsFolder(dataFolder()), name), 'x')
  return name
}

const rows: MatrixRow[] = [
  { route: 'GET /backups', path: '/backups', may: ['administrator'] },
  { route: 'POST /backups', path: '/backups', body: () => ({}), may: ['administrator'] },
  { route: 'GET /backups/progress', path: '/backups/progress', may: ['administrator'] },
  {
    route: 'POST /backups/schedule',
    path: '/backups/schedule',
    body: () => ({ enabled: '1', hour: '3', keep: '14' }),
    may: ['administrator'],
  },
  { route: 'GET /backups/:name', path: () => `/backups/${makeFile()}`, may: ['administrator'] },
  {
    route: 'POST /backups/:name/delete',
    path: () => `/backups/${makeFile()}/delete`,
    body: () => ({}),
    may: ['administrator'],
  },
]

export default rows
