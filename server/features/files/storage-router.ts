import { z } from 'zod'
import { findConverter } from '../../core/files/previews/office.ts'
import { hasScanner } from '../../core/files/scanner.ts'
import { stores } from '../../core/files/stores/index.ts'
import { fileUses, limitOf } from '../../core/files/uses.ts'
import { whole } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { json, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { type Setting, setting } from '../../core/settings.ts'
import { listLargestOwners, listUses, selectLastMove } from './queries.ts'
import { changeFileSettings, isSomethingToMove, mostOf, requestMove, storeTroubleSince } from './service.ts'
import { presentStorage, progressOf } from './storage-presenter.ts'

const access = mayEverywhere('settings.edit')
const MOST_OWNERS = 10
/** A thousand terabytes. */
const MOST_ROOM = 1_000_000_000

const settingsInput = z
  .object({
    limits: z.record(z.string().max(32), whole(1, MOST_ROOM)).default({}),
    personMegabytes: whole(0, MOST_ROOM),
    authorityMegabytes: whole(0, MOST_ROOM),
    keepFreeMegabytes: whole(0, MOST_ROOM),
    unscanned: z.enum(['refuse', 'accept']),
  })
  .superRefine(({ limits }, context) => {
    for (const [name, megabytes] of Object.entries(limits)) {
      const most = mostOf(name)
      if (megabytes <= most) continue
      context.addIssue({ code: 'too_big', origin: 'number', maximum: most, input: megabytes, path: ['limits', name] })
    }
  })

/** What an administrator sees and sets of files: who takes how much, how large they may be, and where they lie. */
export function storageRoutes(routes: Routes): void {
  routes.get('/storage', { access }, (context) => showStorage(context))

  routes.post('/storage', { access, body: settingsInput, invalid: showStorage }, async ({ actor, body }) => {
    await changeFileSettings(actor, { ...body, limits: knownOf(body.limits) })
    return redirect('/storage', 'files.flash.saved')
  })

  routes.post('/storage/move', { access }, async ({ actor }) => {
    await requestMove(actor)
    return redirect('/storage')
  })

  routes.get('/storage/progress', { access }, async ({ t }) => {
    const { working, percent } = progressOf(await selectLastMove())
    return json({ working, percent, text: t('files.move.progress', { percent }) })
  })
}

const knownOf = (limits: Setting<'files'>['limits']) =>
  Object.fromEntries(fileUses().flatMap(([name]) => (limits[name] === undefined ? [] : [[name, limits[name]]])))

async function showStorage(context: AnyContext, typed?: Form): Promise<Reply> {
  const settings = await setting('files')
  const personal = fileUses().flatMap(([name, use]) => (use.room === 'person' ? [name] : []))
  const [uses, owners, move, toMove, converter, since] = await Promise.all([
    listUses(),
    listLargestOwners(personal, MOST_OWNERS),
    selectLastMove(),
    isSomethingToMove(),
    findConverter(),
    storeTroubleSince(),
  ])
  const limits = Object.fromEntries(fileUses().map(([name]) => [name, limitOf(name)]))
  const model = presentStorage(context, {
    ...{ uses, owners, move, toMove, since, settings },
    kind: stores().main.kind,
    hasConverter: converter !== undefined,
    hasScanner: hasScanner(),
  })
  const form = typed ?? cleanForm({ ...settings, limits })
  return page('files/storage', { ...model, form }, { title: context.t('files.storage.title') })
}
