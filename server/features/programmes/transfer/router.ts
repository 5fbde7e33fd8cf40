import { contentDisposition } from '../../../core/files/names.ts'
import { cleanForm, type Form } from '../../../core/http/forms.ts'
import { custom, page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import { idParams } from '../input.ts'
import { selectProgrammeToEdit } from '../queries.ts'
import { STYLES } from '../router.ts'
import { demandMayCreate } from '../service.ts'
import { crumbs } from '../words.ts'
import { listFilesToEmbed, programmeAsFile, withContents } from './export-file.ts'
import { importProgramme } from './import-file.ts'
import { presentExport, presentImport } from './presenter.ts'

const edit = may('programmes.edit')

/** A programme as one file: out and in. */
export function transferRoutes(routes: Routes): void {
  routes.get('/programmes/import', { access: edit }, (context) => showImport(context, cleanForm(), []))

  routes.post(
    '/programmes/import',
    {
      access: edit,
      upload: { field: 'file', use: 'programme' },
      once: true,
      invalid: (context, form) => showImport(context, form, []),
    },
    async (context) => {
      const result = await importProgramme(context.actor, context.file)
      if (result.created === null) return showImport(context, cleanForm(), result.problems)
      const count = result.warnings.length + result.filesLeftOut
      const flash = count
        ? { kind: 'warning' as const, key: 'programmes.flash.importedWithWarnings', values: { count } }
        : 'programmes.flash.imported'
      return redirect(`/programmes/${result.created.programmeId}`, flash)
    },
  )

  routes.get('/programmes/:id/export', { access: edit, params: idParams }, async (context) => {
    const { actor, t, lang, format, params } = context
    const programme = await selectProgrammeToEdit(actor, params.id)
    const file = await programmeAsFile(actor, programme.id)
    const model = presentExport(t, format, programme.id, file, await listFilesToEmbed(file))
    return page('programmes/export', model, {
      title: t('programmes.export.title'),
      breadcrumbs: crumbs(actor, t, lang, { programmeId: programme.id, programmeTitle: programme.title }),
      styles: STYLES,
    })
  })

  routes.get('/programmes/:id/file', { access: edit, params: idParams }, async ({ actor, params }) => {
    await selectProgrammeToEdit(actor, params.id)
    const file = await withContents(await programmeAsFile(actor, params.id))
    return custom((_req, res) => {
      res.set('Cache-Control', 'no-store')
      res.set('Content-Disposition', contentDisposition('attachment', `${file.programme.code}.programme.json`))
      res.type('application/json').send(JSON.stringify(file, null, 1))
    })
  })
}

async function showImport(
  context: AnyContext,
  form: Form,
  problems: Parameters<typeof presentImport>[2],
): Promise<Reply> {
  const { actor, t, lang } = context
  demandMayCreate(actor)
  return page('programmes/import', presentImport(t, form, problems), {
    title: t('programmes.import.title'),
    breadcrumbs: crumbs(actor, t, lang),
    styles: STYLES,
    ...(problems.length ? { status: 422 } : {}),
  })
}
