import { insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half, World } from '../../testing/world.ts'
import { csvFile } from './testing.ts'

const ADMINISTRATOR = ['administrator'] as const
const columns = ['fullName', 'email']
const sheet = {
  name: '',
  rowCount: 2,
  columnCount: 2,
  headerLine: 1,
  kind: 'people',
  sample: [{ line: 1, cells: ['ФИО', 'Email'] }],
}
const check = {
  counts: { create: 1, update: 0, same: 0, refused: 1, skipped: 0 },
  problems: [],
  skips: [],
  newOrganisations: [],
  suggestions: 0,
  fingerprint: '',
}

/** An import in this state: on the own half by the administrator, on the other by somebody else. */
const inState =
  (state: string, path: string) =>
  async (half: Half, world: World): Promise<string> => {
    const now = nowUtc()
    const id = await insertRow('imports', {
      kind: 'people',
      file_name: 'staff.csv',
      state,
      source_info: toJson({ format: 'csv', encoding: 'UTF-8', separator: ';', sheets: [sheet], likelySheet: 0 }),
      mapping: toJson({ sheet: 0, headerLine: 1, columns }),
      options: toJson({}),
      summary: toJson({ check, result: { created: 1, updated: 0, organisations: 0 } }),
      created_by: half === world.own ? world.ids.administrator : world.ids.stranger,
      created_at: now,
      updated_at: now,
      ...(state === 'done' ? { committed_at: now } : {}),
    })
    return `/imports/${id}${path}`
  }

const version = () => ({ version: 1 })
const chosen = { kind: 'people', sheet: 0, header: 1, columns: { c0: 'fullName', c1: 'email' } }

const rows: MatrixRow[] = [
  { route: 'GET /imports', path: '/imports', may: ADMINISTRATOR },
  { route: 'GET /imports/new', path: '/imports/new', may: ADMINISTRATOR },
  { route: 'GET /imports/example', path: '/imports/example', may: ADMINISTRATOR },
  {
    route: 'POST /imports',
    path: '/imports',
    body: () => ({
      file: csvFile([
        ['ФИО', 'Email'],
        ['Иванова Анна', 'a@b.example'],
      ]),
    }),
    upload: true,
    may: ADMINISTRATOR,
  },
  { route: 'GET /imports/:id', path: inState('checked', ''), may: ADMINISTRATOR },
  { route: 'GET /imports/:id/columns', path: inState('uploaded', '/columns'), may: ADMINISTRATOR },
  {
    route: 'POST /imports/:id/columns',
    path: inState('uploaded', '/columns'),
    body: () => ({ ...chosen, version: 1 }),
    may: ADMINISTRATOR,
  },
  { route: 'GET /imports/:id/check', path: inState('checked', '/check'), may: ADMINISTRATOR },
  { route: 'GET /imports/:id/progress', path: inState('checking', '/progress'), may: ADMINISTRATOR },
  { route: 'GET /imports/:id/rows', path: inState('checked', '/rows'), may: ADMINISTRATOR },
  { route: 'GET /imports/:id/refused', path: inState('checked', '/refused'), may: ADMINISTRATOR },
  {
    route: 'POST /imports/:id/corrections',
    path: inState('checked', '/corrections'),
    body: () => ({ version: 1, corrections: { r2: { email: 'a@b.example' } } }),
    may: ADMINISTRATOR,
  },
  {
    route: 'POST /imports/:id/suggestions',
    path: inState('checked', '/suggestions'),
    body: version,
    may: ADMINISTRATOR,
  },
  { route: 'POST /imports/:id/recheck', path: inState('checked', '/recheck'), body: version, may: ADMINISTRATOR },
  { route: 'POST /imports/:id/commit', path: inState('checked', '/commit'), body: version, may: ADMINISTRATOR },
  { route: 'POST /imports/:id/cancel', path: inState('checked', '/cancel'), body: version, may: ADMINISTRATOR },
  { route: 'GET /imports/:id/done', path: inState('done', '/done'), may: ADMINISTRATOR },
  { route: 'POST /imports/:id/invitations', path: inState('done', '/invitations'), may: ADMINISTRATOR },
  { route: 'POST /imports/:id/slips', path: inState('done', '/slips'), may: ADMINISTRATOR },
]
export default rows
