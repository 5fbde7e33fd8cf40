import type { StoredFile } from '../../../core/files/index.ts'
import { saySize } from '../../../core/files/present.ts'
import { limitOf } from '../../../core/files/uses.ts'
import type { Form } from '../../../core/http/forms.ts'
import type { Format } from '../../../core/i18n/format.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import type { ProgrammeFile } from '../programme-file.ts'
import { problemInWords } from '../words.ts'
import type { ImportProblem } from './import-file.ts'

/** What the file of a programme will hold, and what it will not. */
export function presentExport(
  t: Translate,
  format: Format,
  id: number,
  { programme, files }: ProgrammeFile,
  { taken, left }: { taken: StoredFile[]; left: StoredFile[] },
) {
  const topics = programme.modules.flatMap((module) => module.topics)
  const materials = [...programme.modules, ...topics].reduce((sum, part) => sum + part.materials.length, 0)
  const size = taken.reduce((sum, file) => sum + file.size, 0)
  return {
    downloadHref: `/programmes/${id}/file`,
    cancelHref: `/programmes/${id}`,
    holds: [
      t('programmes.count.modules', { count: programme.modules.length }),
      t('programmes.count.topics', { count: topics.length }),
      t('programmes.count.materials', { count: materials }),
      t('programmes.count.milestones', { count: programme.milestones.length }),
      t('programmes.count.templates', { count: programme.routeTemplates.length }),
      ...(files.length ? [t('programmes.export.files', { count: taken.length, size: saySize(t, format, size) })] : []),
    ],
    left: left.map((file) => `${file.name} (${saySize(t, format, file.size)})`),
  }
}

/** Where in the file a problem is, as people would say it: `programme → modules → 3 → title`. */
const placeOf = (path: (string | number)[]): string =>
  path.map((part) => (typeof part === 'number' ? String(part + 1) : part)).join(' → ')

export const presentImport = (t: Translate, form: Form, problems: ImportProblem[]) => ({
  form,
  mostMegabytes: limitOf('programme'),
  problems: problems.map((problem) => ({
    place: placeOf(problem.path),
    text:
      problem.code === 'shape'
        ? t(`programmes.problem.shape.${String(problem.params.reason)}`)
        : problemInWords(t, problem),
  })),
})
