import { saySize } from '../../core/files/present.ts'
import { fileUses } from '../../core/files/uses.ts'
import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import type { Setting } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import type { OwnerRow, selectLastMove, UseRow } from './queries.ts'

type Move = Awaited<ReturnType<typeof selectLastMove>>

type Found = {
  uses: UseRow[]
  owners: OwnerRow[]
  move: Move
  /** Undefined: the other store does not answer. */
  toMove: boolean | undefined
  since: string
  settings: Setting<'files'>
  kind: 'disk' | 's3'
  hasConverter: boolean
  hasScanner: boolean
}

export function progressOf(move: Move): { working: boolean; percent: number } {
  const working = move?.state === 'queued' || move?.state === 'running'
  const total = Number(move?.progress_total ?? 0)
  const percent = working && total ? Math.round((Number(move?.progress_done) / total) * 100) : working ? 0 : 100
  return { working, percent }
}

/** The administrator's page about files. */
export function presentStorage({ t, format }: { t: Translate; format: Format }, found: Found) {
  const size = (bytes: number) => saySize(t, format, bytes)
  const known = new Map(found.uses.map((row) => [row.purpose, row]))
  const names = [...fileUses().map(([name]) => name), ...(known.has('') ? [''] : [])]
  const labels = new Map(fileUses().map(([name, use]) => [name, t(use.label)]))
  const bytes = found.uses.reduce((sum, row) => sum + row.bytes, 0)
  const { authorityMegabytes, personMegabytes } = found.settings
  return {
    trouble: found.since ? t('files.storage.trouble', { since: format.human(found.since) }) : '',
    states: [
      { label: t('files.storage.place'), value: t(`files.storage.kind.${found.kind}`) },
      { label: t('files.storage.taken'), value: takenInWords(t, size, bytes, authorityMegabytes) },
      { label: t('files.storage.office'), value: t(`files.storage.has.${found.hasConverter ? 'office' : 'noOffice'}`) },
      {
        label: t('files.storage.scanner'),
        value: t(`files.storage.has.${found.hasScanner ? 'scanner' : 'noScanner'}`),
      },
    ],
    rows: names.map((name) => {
      const row = known.get(name)
      return { label: labels.get(name) ?? t('files.use.earlier'), count: row?.count ?? 0, size: size(row?.bytes ?? 0) }
    }),
    owners: found.owners.map((row) => ({
      name: fullName(row),
      href: `/people/${row.id}`,
      count: row.count,
      size: size(row.bytes),
      share: personMegabytes ? format.percent(row.bytes / (personMegabytes * 1e6)) : '',
    })),
    limits: fileUses().map(([name, use]) => ({ name: `limits[${name}]`, label: t(use.label) })),
    hasScanner: found.hasScanner,
    unscanned: (['refuse', 'accept'] as const).map((value) => ({
      value,
      label: t(`files.settings.unscanned.${value}`),
    })),
    move: {
      ...progressOf(found.move),
      isOffered: found.toMove === true,
      isUnknown: found.toMove === undefined,
      failure: found.move?.state === 'failed' ? t('files.move.failed', { reason: found.move.error ?? '' }) : '',
      text: t(`files.move.to.${found.kind}`),
    },
  }
}

const takenInWords = (t: Translate, size: (bytes: number) => string, bytes: number, most: number) =>
  most ? t('files.storage.takenOf', { size: size(bytes), most: size(most * 1e6) }) : size(bytes)
