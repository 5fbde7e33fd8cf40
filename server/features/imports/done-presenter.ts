import type { Action } from '../../core/http/reply.ts'
import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { innerQuotes } from '../../core/text.ts'
import { type Newcomers, SLIPS } from './newcomers.ts'
import type { ImportRow } from './queries.ts'

/** What is known of the access of those whom the import has made. */
export interface NewcomersAccess {
  newcomers: Newcomers
  isInviting: boolean
  mailEnabled: boolean
  mayInvite: boolean
}

/** What the import did, and what to do next. */
export function presentDone(t: Translate, format: Format, row: ImportRow, access: NewcomersAccess) {
  const { created = 0, updated = 0, organisations = 0 } = row.summary.result ?? {}
  const counts = row.summary.check!.counts
  return {
    id: row.id,
    headline: t(`imports.done.headline.${row.kind}`),
    summary: t('imports.done.summary', { time: format.dateTime(row.committed_at), file: innerQuotes(row.file_name) }),
    stats: [
      { value: format.number(created), label: t('imports.done.created', { count: created }), icon: 'plus' },
      { value: format.number(updated), label: t('imports.done.updated', { count: updated }), icon: 'pencil' },
      { value: format.number(counts.same), label: t('imports.check.stat.same', { count: counts.same }), icon: 'check' },
      ...(organisations > 0
        ? [
            {
              value: format.number(organisations),
              label: t('imports.done.organisations', { count: organisations }),
              icon: 'building',
            },
          ]
        : []),
    ],
    refused: row.summary.purged ? 0 : counts.refused,
    access: row.kind === 'people' && created > 0 && access.mayInvite ? presentAccess(t, row, access) : null,
    nextStep: row.kind === 'organisations' ? afterOrganisations(t) : null,
  }
}

/** Ways to let the new people in: letters for those who have e-mail, slips for the others. */
function presentAccess(t: Translate, row: ImportRow, { newcomers, isInviting, mailEnabled }: NewcomersAccess) {
  const { reachable, offline } = newcomers
  const { invited } = row.summary
  const waiting = reachable.length + offline.length
  const parts = (count: number) =>
    Array.from({ length: Math.ceil(count / SLIPS) }, (_, part) => ({
      value: part,
      label: t('imports.access.part', { from: part * SLIPS + 1, to: Math.min(count, (part + 1) * SLIPS) }),
    }))
  return {
    isInviting,
    mailEnabled,
    isDone: waiting === 0,
    words: waiting === 0 ? t('imports.access.everybody') : t('imports.access.waiting', { count: waiting }),
    invited: invited === undefined ? '' : t('imports.access.invited', { count: invited }),
    inviteLabel: t(invited === undefined ? 'imports.access.invite' : 'imports.access.inviteAgain', {
      count: reachable.length,
    }),
    reachable: reachable.length,
    slips: {
      whom: [
        ...(offline.length > 0
          ? [{ value: 'offline', label: t('imports.access.offline', { count: offline.length }) }]
          : []),
        { value: 'all', label: t('imports.access.all', { count: waiting }) },
      ],
      parts: parts(waiting),
    },
  }
}

function afterOrganisations(t: Translate): { title: string; text: string; actions: Action[] } {
  return {
    title: t('imports.done.nextPeople'),
    text: t('imports.done.nextPeopleText'),
    actions: [
      { href: '/imports/new', label: t('imports.list.create'), icon: 'upload', kind: 'primary' },
      { href: '/organisations', label: t('imports.done.showOrganisations') },
    ],
  }
}
