import { secretFrom } from '../../server/config.ts'
import { InputError } from '../../server/core/errors.ts'
import type { Form } from '../../server/core/http/forms.ts'
import { cleanForm, parseInput } from '../../server/core/http/forms.ts'
import { json, type Reply } from '../../server/core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../server/core/http/route.ts'
import { type DatabaseInput, databaseInput } from '../answers.ts'
import type { DatabaseReport } from '../checks/database-check.ts'
import { hasLocalServer } from '../guesses.ts'
import { tryDatabase } from '../installer.ts'
import { makeKey } from './key.ts'
import type { SetupStore } from './state.ts'
import { redirectAfter, stepPage } from './steps.ts'
import { databaseNotice } from './words.ts'

/** The database: tried at every change, taken only if it can be worked with. */
export function databaseRoutes(routes: Routes, store: SetupStore): void {
  routes.get('/setup/database', { access: anyone }, async (context) =>
    showDatabase(context, store, cleanForm(await suggestion(store))),
  )

  const invalid = (context: AnyContext, form: Form) => showDatabase(context, store, form)

  // Tried without going on: by a button, and by the page itself while it is being filled in.
  routes.post('/setup/database/check', { access: anyone, invalid }, async (context) => {
    const { report } = await tryTyped(context, store, false)
    if (context.wantsJson) return json({ notice: databaseNotice(report, context.t, context.lang), field: report.field })
    return showDatabase(context, store, cleanForm(shown(context.req.body)), report)
  })

  routes.post('/setup/database', { access: anyone, invalid }, async (context) => {
    const { input, report } = await tryTyped(context, store, true)
    if (!report.isUsable) return refuse(context, store, report)
    store.update({ database: input, takeOver: report.code === 'existing' })
    return redirectAfter('database', store)
  })
}

async function suggestion(store: SetupStore): Promise<Record<string, unknown>> {
  const { database } = store.read()
  const mysql = {
    host: process.env.INTEGRAL_DB_HOST ?? 'localhost',
    port: process.env.INTEGRAL_DB_PORT ?? '3306',
    user: process.env.INTEGRAL_DB_USER ?? 'integral',
    database: process.env.INTEGRAL_DB_NAME ?? 'integral',
    create: true,
  }
  if (database) return { ...mysql, ...shown(database) }
  const isExpected = process.env.INTEGRAL_DB_HOST !== undefined || (await hasLocalServer())
  return { kind: isExpected ? 'mysql' : 'sqlite', ...mysql }
}

/** Boxes come back as they were; the password is never sent back to a page. */
const shown = (values: Record<string, unknown>) => ({ ...values, create: Boolean(values.create), password: '' })

/** Parses the form; an empty password means the one that was given before for the same user. */
async function tryTyped(context: AnyContext, store: SetupStore, mayCreate: boolean) {
  const input = withKnownPassword(parseInput(databaseInput, context.req.body ?? {}), store)
  const create = mayCreate && input.kind === 'mysql' && input.create
  const report = await tryDatabase(store.folder, input, create)
  // A missing database is no fault when it is going to be made.
  const isFine = report.code === 'missing' && input.kind === 'mysql' && input.create && !mayCreate
  return { input, report: isFine ? { ...report, code: 'will_create' as const, isUsable: true } : report }
}

function withKnownPassword(input: DatabaseInput, store: SetupStore): DatabaseInput {
  if (input.kind !== 'mysql' || input.password) return input
  const { database } = store.read()
  const isSame = database?.kind === 'mysql' && database.user === input.user && database.host === input.host
  const known = isSame ? database.password : secretFrom('INTEGRAL_DB_PASSWORD')
  return { ...input, password: known ?? '' }
}

/** The reason stands beside the field at fault, and once more above with what mends it. */
function refuse(context: AnyContext, store: SetupStore, report: DatabaseReport): Promise<Reply> | Reply {
  const { text } = databaseNotice(report, context.t, context.lang)
  if (context.wantsJson) throw InputError.of(report.field ?? '', `install.databaseFound.${report.code}`, report.values)
  const errors = report.field ? { [report.field]: text } : {}
  const form = { values: shown(context.req.body ?? {}), errors, summary: [] }
  return showDatabase(context, store, form, report, 422)
}

async function showDatabase(
  context: AnyContext,
  store: SetupStore,
  form: Form,
  report?: DatabaseReport,
  status = 200,
): Promise<Reply> {
  const { database } = store.read()
  const model = {
    form,
    notice: report ? databaseNotice(report, context.t, context.lang) : null,
    hasPassword:
      (database?.kind === 'mysql' && database.password !== '') || secretFrom('INTEGRAL_DB_PASSWORD') !== undefined,
    suggestedPassword: makeKey(),
  }
  return stepPage(context, store, 'database', model, { status })
}
